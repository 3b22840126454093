// SPDX-License-Identifier: Apache-2.0
/* ELF files by libelf's writer, in all classes and byte orders. */
#include "fake_elf.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cleanup.h"

struct writer {
	Elf *elf;
	char names[256]; /* .shstrtab */
	size_t names_len;
	char text[8192]; /* what sections hold, which libelf borrows until the end */
	size_t text_len;
};

static void check(int ok)
{
	if (ok)
		return;
	fprintf(stderr, "libelf: %s\n", elf_errmsg(-1));
	exit(1);
}

/* @len bytes of @data where they stay. */
static void *keep(struct writer *w, const void *data, size_t len)
{
	char *to = w->text + w->text_len;

	check(w->text_len + len <= sizeof(w->text));
	memcpy(to, data, len);
	w->text_len += len;
	return to;
}

static Elf_Scn *section(struct writer *w, const char *name, const GElf_Shdr *as)
{
	Elf_Scn *s = elf_newscn(w->elf);
	GElf_Shdr h = *as;

	h.sh_name = w->names_len;
	check(w->names_len + strlen(name) < sizeof(w->names));
	strcpy(w->names + w->names_len, name);
	w->names_len += strlen(name) + 1;
	check(s && gelf_update_shdr(s, &h));
	return s;
}

static void fill(Elf_Scn *s, Elf_Type type, void *buf, size_t size, size_t align)
{
	Elf_Data *d = elf_newdata(s);

	check(d != NULL);
	d->d_buf = buf;
	d->d_type = type;
	d->d_size = size;
	d->d_align = align;
	d->d_version = EV_CURRENT;
}

static void put_symbols(struct writer *w, const char *name, const char *names_name, uint32_t type,
			const struct fake_symbol *v)
{
	size_t entry = gelf_fsize(w->elf, ELF_T_SYM, 1, EV_CURRENT), n = 1, at = 1;
	char *names = w->text + w->text_len;
	GElf_Shdr h = { .sh_type = SHT_STRTAB };
	GElf_Sym sym = { 0 };
	Elf_Scn *s = section(w, names_name, &h);
	size_t link = elf_ndxscn(s);
	Elf_Data *d;

	keep(w, "", 1);
	for (; v[n - 1].name; n++)
		keep(w, v[n - 1].name, strlen(v[n - 1].name) + 1);
	fill(s, ELF_T_BYTE, names, w->text + w->text_len - names, 1);

	h = (GElf_Shdr){ .sh_type = type, .sh_link = link, .sh_info = 1, .sh_entsize = entry };
	s = section(w, name, &h);
	w->text_len = (w->text_len + 7) / 8 * 8;
	check(w->text_len + n * sizeof(GElf_Sym) <= sizeof(w->text));
	fill(s, ELF_T_SYM, w->text + w->text_len, n * entry, 8);
	w->text_len += n * entry;
	d = elf_getdata(s, NULL);
	check(gelf_update_sym(d, 0, &sym));
	for (size_t i = 0; i + 1 < n; i++) {
		sym = (GElf_Sym){
			.st_name = at,
			.st_value = v[i].value,
			.st_size = v[i].size,
			.st_info = GELF_ST_INFO(v[i].bind, v[i].type),
			.st_shndx = v[i].section,
		};
		at += strlen(v[i].name) + 1;
		check(gelf_update_sym(d, i + 1, &sym));
	}
}

/* The words of a note are swapped by libelf. */
static void put_build_id(struct writer *w, const char *id)
{
	const GElf_Shdr h = { .sh_type = SHT_NOTE, .sh_flags = SHF_ALLOC };
	const uint32_t head[3] = { 4, strlen(id), NT_GNU_BUILD_ID };
	char *at;

	w->text_len = (w->text_len + 7) / 8 * 8;
	at = keep(w, head, sizeof(head));
	keep(w, "GNU", 4);
	keep(w, id, strlen(id));
	w->text_len = (w->text_len + 3) / 4 * 4;
	fill(section(w, ".note.gnu.build-id", &h), ELF_T_NHDR, at, w->text + w->text_len - at, 4);
}

static void put_debuglink(struct writer *w, const char *name, uint32_t crc, int encoding)
{
	const GElf_Shdr h = { .sh_type = SHT_PROGBITS };
	char link[272] = { 0 };
	size_t padded = (strlen(name) + 1 + 3) / 4 * 4;

	strcpy(link, name);
	for (int i = 0; i < 4; i++)
		link[padded + (encoding == ELFDATA2MSB ? 3 - i : i)] = (char)(crc >> 8 * i);
	fill(section(w, ".gnu_debuglink", &h), ELF_T_BYTE, keep(w, link, padded + 4), padded + 4,
	     4);
}

static void put_segments(struct writer *w)
{
	GElf_Phdr data = {
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_offset = FAKE_DATA_OFFSET,
		.p_vaddr = FAKE_DATA,
		.p_filesz = 0x800,
		.p_memsz = 0x1000,
	};
	GElf_Phdr code = {
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_offset = FAKE_CODE_OFFSET,
		.p_vaddr = FAKE_CODE,
		.p_filesz = FAKE_CODE_BYTES,
		.p_memsz = FAKE_CODE_BYTES,
	};

	check(gelf_newphdr(w->elf, 2) && gelf_update_phdr(w->elf, 0, &data) &&
	      gelf_update_phdr(w->elf, 1, &code));
}

static void put_text(struct writer *w)
{
	const GElf_Shdr h = {
		.sh_type = SHT_NOBITS,
		.sh_flags = SHF_ALLOC | SHF_EXECINSTR,
		.sh_addr = FAKE_CODE,
		.sh_size = FAKE_TEXT_BYTES,
	};
	Elf_Scn *s = section(w, ".text", &h);

	fill(s, ELF_T_BYTE, NULL, FAKE_TEXT_BYTES, 1);
}

static void put_all(struct writer *w, const struct fake_elf *e)
{
	const GElf_Shdr names = { .sh_type = SHT_STRTAB };
	GElf_Ehdr h = { 0 };
	Elf_Scn *s;

	check(gelf_newehdr(w->elf, e->class ? e->class : ELFCLASS64) && gelf_getehdr(w->elf, &h));
	h.e_ident[EI_DATA] = e->encoding ? e->encoding : ELFDATA2LSB;
	h.e_type = ET_DYN;
	h.e_machine = e->machine ? e->machine : EM_X86_64;
	h.e_version = EV_CURRENT;
	check(gelf_update_ehdr(w->elf, &h));
	put_segments(w);
	put_text(w);
	if (e->symtab)
		put_symbols(w, ".symtab", ".strtab", SHT_SYMTAB, e->symtab);
	if (e->dynsym)
		put_symbols(w, ".dynsym", ".dynstr", SHT_DYNSYM, e->dynsym);
	if (e->build_id)
		put_build_id(w, e->build_id);
	if (e->debuglink)
		put_debuglink(w, e->debuglink, e->crc, e->encoding);
	s = section(w, ".shstrtab", &names);
	fill(s, ELF_T_BYTE, w->names, w->names_len, 1);
	check(gelf_getehdr(w->elf, &h) != NULL);
	h.e_shstrndx = elf_ndxscn(s);
	check(gelf_update_ehdr(w->elf, &h));
}

void fake_elf_write(const char *dir, const char *name, const struct fake_elf *e)
{
	struct writer w = { .names_len = 1 };
	char path[512];
	cleanup_close int fd = -1;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		perror(path);
		exit(1);
	}
	check(elf_version(EV_CURRENT) != EV_NONE);
	w.elf = elf_begin(fd, ELF_C_WRITE, NULL);
	check(w.elf != NULL);
	put_all(&w, e);
	check(elf_update(w.elf, ELF_C_WRITE) >= 0);
	elf_end(w.elf);
}

uint32_t fake_elf_crc(const char *dir, const char *name)
{
	unsigned char bytes[65536];
	char path[512];
	cleanup_close int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0);
	n = read(fd, bytes, sizeof(bytes));
	check(n >= 0 && n < (ssize_t)sizeof(bytes));
	return crc32(0, bytes, n);
}
