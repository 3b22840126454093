// SPDX-License-Identifier: Apache-2.0
/* Notes and links that lead from an ELF file to its debuginfo. */
#include "symbol/elf_debug.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "symbol/elf_file.h"
#include "symbol/root.h"

/* Bytes of sections that are read: notes and links have some dozens. */
#define NOTES_MAX (64U << 10)
#define SECTION_NAMES_MAX (1U << 20)
#define LINK_MAX (NAME_MAX + 1 + 3 + 4) /* a name, padding, a checksum */
#define CHUNK (64U << 10) /* that is read at once */
/* Sections of notes that are looked at. */
#define NOTE_SECTIONS_MAX 64

static uint32_t number(const struct elf_file *f, const char *at)
{
	const unsigned char *b = (const unsigned char *)at;

	if (f->encoding == ELFDATA2LSB)
		return b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24;
	return b[3] | b[2] << 8 | b[1] << 16 | (uint32_t)b[0] << 24;
}

static uint64_t pad(uint64_t n)
{
	return (n + 3) / 4 * 4;
}

/* Each note: sizes of its name and content, type, name, content; both padded. */
static bool find_id(const struct elf_file *f, const char *notes, size_t size,
		    struct elf_build_id *ret)
{
	const size_t head = 12;

	while (size >= head) {
		uint64_t name = number(f, notes), content = number(f, notes + 4);
		uint64_t at = pad(head + name), next = pad(at + content);

		if (at + content > size)
			return false;
		if (number(f, notes + 8) == NT_GNU_BUILD_ID && name == 4 &&
		    !memcmp(notes + head, "GNU", 4) && content > 1 &&
		    content <= sizeof(ret->bytes)) {
			memcpy(ret->bytes, notes + at, content);
			ret->len = content;
			return true;
		}
		if (next > size)
			return false;
		notes += next;
		size -= next;
	}
	return false;
}

void elf_build_id(const struct elf_file *f, struct elf_build_id *ret)
{
	int looked_at = 0;

	ret->len = 0;
	for (size_t i = 0; i < f->n_sections && looked_at < NOTE_SECTIONS_MAX; i++) {
		const GElf_Shdr *s = &f->sections[i];
		cleanup_free char *notes = NULL;
		struct err why;

		if (s->sh_type != SHT_NOTE)
			continue;
		looked_at++;
		/* Notes that cannot be read hold no build id. */
		if (!elf_file_section(f, s, NOTES_MAX, &notes, &why) &&
		    find_id(f, notes, s->sh_size, ret))
			return;
	}
}

static const GElf_Shdr *find_named(const struct elf_file *f, const char *name)
{
	cleanup_free char *names = NULL;
	size_t at = f->header.e_shstrndx;
	struct err why;

	if (at >= f->n_sections ||
	    elf_file_section(f, &f->sections[at], SECTION_NAMES_MAX, &names, &why))
		return NULL;
	for (size_t i = 0; i < f->n_sections; i++)
		if (f->sections[i].sh_name < f->sections[at].sh_size &&
		    !strcmp(names + f->sections[i].sh_name, name))
			return &f->sections[i];
	return NULL;
}

/* The file's name in .gnu_debuglink, newly allocated, or NULL; and the checksum of what it names. */
static char *read_link(const struct elf_file *f, uint32_t *ret_crc)
{
	const GElf_Shdr *s = find_named(f, ".gnu_debuglink");
	char *name = NULL;
	struct err why;
	uint64_t at;

	if (!s || s->sh_type == SHT_NOBITS || elf_file_section(f, s, LINK_MAX, &name, &why))
		return NULL;
	/* A name, not a way to somewhere else. */
	at = pad(strlen(name) + 1);
	if (*name && !strchr(name, '/') && at + 4 <= s->sh_size) {
		*ret_crc = number(f, name + at);
		return name;
	}
	free(name);
	return NULL;
}

struct wanted {
	int root;
	struct elf_build_id id;
	uint64_t *left_bytes;
	bool by_crc; /* the checksum tells, where no build ids do */
	uint32_t crc;
	struct elf_file *ret;
};

/* All of @f has the checksum @crc (CRC-32, as the link says: "Debugging with GDB", Separate Debug Files). */
static bool has_crc(const struct elf_file *f, uint32_t crc)
{
	cleanup_free char *chunk = malloc(CHUNK);
	uint32_t is = 0;
	struct err why;

	for (uint64_t at = 0; chunk && at < f->size_bytes;) {
		uint64_t n = f->size_bytes - at < CHUNK ? f->size_bytes - at : CHUNK;

		if (elf_file_read(f, at, chunk, n, &why))
			return false;
		is = crc32(is, (unsigned char *)chunk, n);
		at += n;
	}
	return chunk && is == crc;
}

static bool is_same(const struct wanted *w, const struct elf_file *f)
{
	struct elf_build_id id;

	elf_build_id(f, &id);
	if (w->id.len && id.len)
		return w->id.len == id.len && !memcmp(w->id.bytes, id.bytes, id.len);
	return !w->by_crc || has_crc(f, w->crc);
}

/* Is @path what is wanted? Its descriptor, or -ENOENT. */
static int try(const struct wanted *w, const char *path)
{
	struct elf_file file;
	struct err why;
	int fd = root_open(w->root, path);

	if (fd < 0)
		return -ENOENT;
	if (elf_file_init(&file, fd, &why)) {
		close(fd);
		return -ENOENT;
	}
	file.left_bytes = w->left_bytes;
	if (!elf_file_find(&file, SHT_SYMTAB) || !is_same(w, &file)) {
		elf_file_fini(&file);
		close(fd);
		return -ENOENT;
	}
	*w->ret = file;
	return fd;
}

static int by_id(const struct wanted *w)
{
	char path[64 + 2 * ELF_BUILD_ID_MAX];
	int n;

	if (!w->id.len)
		return -ENOENT;
	n = snprintf(path, sizeof(path), "/usr/lib/debug/.build-id/%02x/", w->id.bytes[0]);
	for (size_t i = 1; i < w->id.len; i++)
		n += snprintf(path + n, sizeof(path) - n, "%02x", w->id.bytes[i]);
	snprintf(path + n, sizeof(path) - n, ".debug");
	return try(w, path);
}

static int by_link(const struct wanted *w, const char *path, const char *link)
{
	static const struct {
		const char *before, *after;
	} places[] = { { "", "/" }, { "", "/.debug/" }, { "/usr/lib/debug", "/" } };
	const char *slash = strrchr(path, '/');
	int dir = slash ? (int)(slash - path) : 0, fd = -ENOENT;
	char candidate[PATH_MAX];

	for (size_t i = 0; fd < 0 && i < ARRAY_SIZE(places); i++) {
		int n = snprintf(candidate, sizeof(candidate), "%s%.*s%s%s", places[i].before, dir,
				 path, places[i].after, link);

		if (n < (int)sizeof(candidate))
			fd = try(w, candidate);
	}
	return fd;
}

int elf_debug_open(const struct elf_file *f, int root, const char *path, struct elf_file *ret)
{
	struct wanted w = { .root = root, .left_bytes = f->left_bytes, .ret = ret };
	cleanup_free char *link = NULL;
	int fd;

	elf_build_id(f, &w.id);
	fd = by_id(&w);
	if (fd >= 0)
		return fd;
	link = read_link(f, &w.crc);
	w.by_crc = true;
	return link ? by_link(&w, path, link) : -ENOENT;
}
