// SPDX-License-Identifier: Apache-2.0
/* PT_LOAD: offsets to addresses. */
#include "symbol/elf_segment.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "symbol/elf_file.h"

static bool is_loaded(const GElf_Phdr *p, bool code)
{
	return p->p_type == PT_LOAD && !(p->p_flags & PF_X) == !code;
}

static int put(struct elf_segments *s, const GElf_Phdr *p, struct err *err)
{
	if (p->p_memsz > UINT64_MAX - p->p_vaddr)
		return err_say(err, -EBADMSG, "a segment of it reaches beyond all addresses");
	s->v[s->n++] = (struct elf_segment){
		.offset = p->p_offset,
		.file_bytes = p->p_filesz,
		.address = p->p_vaddr,
		.end = p->p_vaddr + p->p_memsz,
	};
	return 0;
}

/* Code first: where two have the same bytes of the file, that is what runs. */
static int put_all(struct elf_segments *s, const GElf_Phdr *v, size_t n, struct err *err)
{
	for (int code = 1; code >= 0; code--)
		for (size_t i = 0; i < n; i++) {
			int rc = is_loaded(&v[i], code) ? put(s, &v[i], err) : 0;

			if (rc)
				return rc;
		}
	return 0;
}

int elf_segments_init(struct elf_segments *s, const struct elf_file *f, struct err *err)
{
	cleanup_free GElf_Phdr *v = NULL;
	size_t loaded = 0;
	int rc;

	*s = (struct elf_segments){ 0 };
	rc = elf_file_segments(f, &v, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < f->header.e_phnum; i++)
		loaded += v[i].p_type == PT_LOAD;
	if (loaded > ELF_SEGMENTS_MAX)
		return err_say(err, -EFBIG, "it has %zu segments, of which %d are read", loaded,
			       ELF_SEGMENTS_MAX);
	s->v = calloc(loaded + 1, sizeof(*s->v));
	if (!s->v)
		return err_set(err, -ENOMEM, "%zu segments", loaded);
	rc = put_all(s, v, f->header.e_phnum, err);
	if (rc)
		elf_segments_fini(s);
	return rc;
}

void elf_segments_fini(struct elf_segments *s)
{
	free(s->v);
	*s = (struct elf_segments){ 0 };
}

bool elf_segments_address(const struct elf_segments *s, uint64_t offset, uint64_t *ret)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct elf_segment *e = &s->v[i];

		if (offset < e->offset || offset - e->offset >= e->file_bytes)
			continue;
		*ret = e->address + (offset - e->offset);
		return true;
	}
	return false;
}

const struct elf_segment *elf_segments_find(const struct elf_segments *s, uint64_t address)
{
	for (size_t i = 0; i < s->n; i++)
		if (address >= s->v[i].address && address < s->v[i].end)
			return &s->v[i];
	return NULL;
}
