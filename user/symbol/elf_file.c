// SPDX-License-Identifier: Apache-2.0
/*
 * Reading of ELF files, with pread(2): what is mapped could be cut under us. libelf only swaps bytes:
 * it would read headers itself, and believe numbers in them that have changed since we looked.
 */
#include "symbol/elf_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"

/* A kind of record: what libelf calls it, and how a 32-bit file's becomes a 64-bit one's. */
struct record {
	Elf_Type type;
	size_t narrow, wide; /* bytes */
	void (*widen)(const void *from, void *to);
};

static void widen_header(const void *from, void *to)
{
	const Elf32_Ehdr *a = from;
	GElf_Ehdr *b = to;

	*b = (GElf_Ehdr){
		.e_type = a->e_type,
		.e_machine = a->e_machine,
		.e_version = a->e_version,
		.e_entry = a->e_entry,
		.e_phoff = a->e_phoff,
		.e_shoff = a->e_shoff,
		.e_flags = a->e_flags,
		.e_ehsize = a->e_ehsize,
		.e_phentsize = a->e_phentsize,
		.e_phnum = a->e_phnum,
		.e_shentsize = a->e_shentsize,
		.e_shnum = a->e_shnum,
		.e_shstrndx = a->e_shstrndx,
	};
	memcpy(b->e_ident, a->e_ident, EI_NIDENT);
}

static void widen_segment(const void *from, void *to)
{
	const Elf32_Phdr *a = from;

	*(GElf_Phdr *)to = (GElf_Phdr){
		.p_type = a->p_type,
		.p_flags = a->p_flags,
		.p_offset = a->p_offset,
		.p_vaddr = a->p_vaddr,
		.p_paddr = a->p_paddr,
		.p_filesz = a->p_filesz,
		.p_memsz = a->p_memsz,
		.p_align = a->p_align,
	};
}

static void widen_section(const void *from, void *to)
{
	const Elf32_Shdr *a = from;

	*(GElf_Shdr *)to = (GElf_Shdr){
		.sh_name = a->sh_name,
		.sh_type = a->sh_type,
		.sh_flags = a->sh_flags,
		.sh_addr = a->sh_addr,
		.sh_offset = a->sh_offset,
		.sh_size = a->sh_size,
		.sh_link = a->sh_link,
		.sh_info = a->sh_info,
		.sh_addralign = a->sh_addralign,
		.sh_entsize = a->sh_entsize,
	};
}

static void widen_symbol(const void *from, void *to)
{
	const Elf32_Sym *a = from;

	*(GElf_Sym *)to = (GElf_Sym){
		.st_name = a->st_name,
		.st_info = a->st_info,
		.st_other = a->st_other,
		.st_shndx = a->st_shndx,
		.st_value = a->st_value,
		.st_size = a->st_size,
	};
}

static const struct record header = { ELF_T_EHDR, sizeof(Elf32_Ehdr), sizeof(GElf_Ehdr),
				      widen_header };
static const struct record segment = { ELF_T_PHDR, sizeof(Elf32_Phdr), sizeof(GElf_Phdr),
				       widen_segment };
static const struct record section = { ELF_T_SHDR, sizeof(Elf32_Shdr), sizeof(GElf_Shdr),
				       widen_section };
static const struct record symbol = { ELF_T_SYM, sizeof(Elf32_Sym), sizeof(GElf_Sym),
				      widen_symbol };

static size_t size_in(const struct elf_file *f, const struct record *r)
{
	return f->is64 ? r->wide : r->narrow;
}

static bool is_within(const struct elf_file *f, uint64_t offset, uint64_t len)
{
	return offset <= f->size_bytes && len <= f->size_bytes - offset;
}

int elf_file_read(const struct elf_file *f, uint64_t offset, void *to, size_t len, struct err *err)
{
	char *at = to;

	if (!is_within(f, offset, len))
		return err_say(err, -EBADMSG, "it lacks a part that its headers tell of");
	if (f->left_bytes && len > *f->left_bytes) {
		*f->left_bytes = 0;
		return err_say(err, -EFBIG, "with it, more would be read than may be");
	}
	if (f->left_bytes)
		*f->left_bytes -= len;
	while (len) {
		ssize_t n = pread(f->fd, at, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, -errno, "reading it");
		if (n == 0)
			return err_say(err, -EBADMSG, "it was cut while it was read");
		at += n;
		offset += n;
		len -= n;
	}
	return 0;
}

static bool swap(const struct elf_file *f, const struct record *r, void *buf, size_t n)
{
	Elf_Data data = {
		.d_buf = buf,
		.d_type = r->type,
		.d_version = EV_CURRENT,
		.d_size = n * size_in(f, r),
	};

	return f->is64 ? elf64_xlatetom(&data, &data, f->encoding) != NULL
		       : elf32_xlatetom(&data, &data, f->encoding) != NULL;
}

/* @n records at @offset into @to, an array of the wide kind. */
static int read_records(const struct elf_file *f, const struct record *r, uint64_t offset, size_t n,
			void *to, struct err *err)
{
	union {
		Elf32_Ehdr header;
		Elf32_Phdr segment;
		Elf32_Shdr section;
		Elf32_Sym symbol;
	} narrow;
	int rc = elf_file_read(f, offset, to, n * size_in(f, r), err);

	if (rc)
		return rc;
	if (!swap(f, r, to, n))
		return err_say(err, -EBADMSG, "libelf: %s", elf_errmsg(-1));
	if (f->is64)
		return 0;
	/* From the end, where there is room. */
	while (n--) {
		memcpy(&narrow, (char *)to + n * r->narrow, r->narrow);
		r->widen(&narrow, (char *)to + n * r->wide);
	}
	return 0;
}

static int read_header(struct elf_file *f, struct err *err)
{
	unsigned char ident[EI_NIDENT];

	if (f->size_bytes < sizeof(ident) || elf_file_read(f, 0, ident, sizeof(ident), err) ||
	    memcmp(ident, ELFMAG, SELFMAG) != 0 ||
	    (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64) ||
	    (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB) ||
	    ident[EI_VERSION] != EV_CURRENT)
		return err_say(err, -ENOEXEC, "it is no ELF file");
	f->is64 = ident[EI_CLASS] == ELFCLASS64;
	f->encoding = ident[EI_DATA];
	return read_records(f, &header, 0, 1, &f->header, err);
}

static int check_header(const struct elf_file *f, struct err *err)
{
	const GElf_Ehdr *h = &f->header;

	/* What does not fit there stands elsewhere: only object files have as many. */
	if (h->e_phnum == PN_XNUM || (!h->e_shnum && h->e_shoff))
		return err_say(err, -EFBIG, "it has more than 65279 sections or segments");
	if (h->e_shnum && h->e_shentsize != size_in(f, &section))
		return err_say(err, -EBADMSG, "its section headers have %u bytes", h->e_shentsize);
	if (h->e_phnum && h->e_phentsize != size_in(f, &segment))
		return err_say(err, -EBADMSG, "its program headers have %u bytes", h->e_phentsize);
	return 0;
}

static int read_sections(struct elf_file *f, struct err *err)
{
	size_t n = f->header.e_shnum;

	if (!n)
		return 0;
	if (!is_within(f, f->header.e_shoff, n * size_in(f, &section)))
		return err_say(err, -EBADMSG, "its section headers are not in it");
	f->sections = calloc(n, sizeof(*f->sections));
	if (!f->sections)
		return err_set(err, -ENOMEM, "%zu section headers", n);
	f->n_sections = n;
	return read_records(f, &section, f->header.e_shoff, n, f->sections, err);
}

int elf_file_init(struct elf_file *f, int fd, struct err *err)
{
	struct stat st;
	int rc;

	*f = (struct elf_file){ .fd = fd };
	if (fstat(fd, &st))
		return err_set(err, -errno, "reading it");
	if (!S_ISREG(st.st_mode))
		return err_say(err, -EINVAL, "it is no regular file");
	f->size_bytes = st.st_size;
	rc = read_header(f, err);
	if (!rc)
		rc = check_header(f, err);
	if (!rc)
		rc = read_sections(f, err);
	if (rc)
		elf_file_fini(f);
	return rc;
}

void elf_file_fini(struct elf_file *f)
{
	free(f->sections);
	f->sections = NULL;
	f->n_sections = 0;
}

int elf_file_segments(const struct elf_file *f, GElf_Phdr **ret, struct err *err)
{
	cleanup_free GElf_Phdr *v = NULL;
	size_t n = f->header.e_phnum;
	int rc;

	if (!is_within(f, f->header.e_phoff, n * size_in(f, &segment)))
		return err_say(err, -EBADMSG, "its program headers are not in it");
	v = calloc(n + 1, sizeof(*v));
	if (!v)
		return err_set(err, -ENOMEM, "%zu program headers", n);
	rc = read_records(f, &segment, f->header.e_phoff, n, v, err);
	if (rc)
		return rc;
	*ret = v;
	v = NULL;
	return 0;
}

int elf_file_symbols(const struct elf_file *f, const GElf_Shdr *table, size_t first, size_t n,
		     GElf_Sym *ret, struct err *err)
{
	if (!is_within(f, table->sh_offset, table->sh_size) ||
	    (first + n) * size_in(f, &symbol) > table->sh_size)
		return err_say(err, -EBADMSG, "its symbols are not in it");
	return read_records(f, &symbol, table->sh_offset + first * size_in(f, &symbol), n, ret,
			    err);
}

int elf_file_section(const struct elf_file *f, const GElf_Shdr *s, size_t max, char **ret,
		     struct err *err)
{
	cleanup_free char *data = NULL;
	int rc;

	if (!is_within(f, s->sh_offset, s->sh_size))
		return err_say(err, -EBADMSG, "it lacks a section that its headers tell of");
	if (s->sh_size > max)
		return err_say(err, -EFBIG, "it has a section of more than %zu bytes", max);
	data = malloc(s->sh_size + 1);
	if (!data)
		return err_set(err, -ENOMEM, "a section");
	rc = elf_file_read(f, s->sh_offset, data, s->sh_size, err);
	if (rc)
		return rc;
	data[s->sh_size] = '\0';
	*ret = data;
	data = NULL;
	return 0;
}

const GElf_Shdr *elf_file_find(const struct elf_file *f, uint32_t type)
{
	for (size_t i = 0; i < f->n_sections; i++)
		if (f->sections[i].sh_type == type)
			return &f->sections[i];
	return NULL;
}
