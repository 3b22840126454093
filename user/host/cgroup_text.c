// SPDX-License-Identifier: Apache-2.0
/* Parsers of /proc/PID/mountinfo and /proc/PID/cgroup. */
#include "host/cgroup_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool cgroup_has_word(const char *list, const char *word, const char *seps)
{
	size_t len = strlen(word);

	while (*list) {
		size_t n = strcspn(list, seps);

		if (n == len && !memcmp(list, word, n))
			return true;
		list += n;
		list += strspn(list, seps);
	}
	return false;
}

int cgroup_flat_key(const char *text, const char *key, uint64_t *ret)
{
	size_t len = strlen(key);

	for (const char *at = text; at; at = strchr(at, '\n')) {
		if (*at == '\n')
			at++;
		if (!strncmp(at, key, len) && at[len] == ' ') {
			*ret = strtoull(at + len + 1, NULL, 10);
			return 0;
		}
	}
	return -ENOENT;
}

/* mountinfo writes space, tab, newline and backslash as \ooo. False when it does not fit. */
static bool unescape(const char *from, size_t len, char *to, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = from[i];

		if (c == '\\' && i + 3 < len && from[i + 1] >= '0' && from[i + 1] <= '3') {
			c = (from[i + 1] - '0') << 6 | (from[i + 2] - '0') << 3 |
			    (from[i + 3] - '0');
			i += 3;
		}
		if (n + 1 >= size)
			return false;
		to[n++] = c;
	}
	to[n] = '\0';
	return true;
}

struct field {
	const char *at;
	size_t len;
};

/* The next space-separated field of a line; false at its end. */
static bool next_field(const char **at, const char *end, struct field *ret)
{
	const char *p = *at;

	while (p < end && *p == ' ')
		p++;
	ret->at = p;
	while (p < end && *p != ' ')
		p++;
	ret->len = p - ret->at;
	*at = p;
	return ret->len > 0;
}

static bool field_is(const struct field *f, const char *text)
{
	return f->len == strlen(text) && !memcmp(f->at, text, f->len);
}

/* A mount of the whole hierarchy is worth more than one of a part; else the first wins. */
static void take_mount(const char *point, const char *root, char *ret_point, char *ret_root)
{
	if (*ret_point && (!strcmp(ret_root, "/") || strcmp(root, "/")))
		return;
	strcpy(ret_point, point);
	strcpy(ret_root, root);
}

/* Is something mounted over @point further down the table? */
static bool is_hidden(const char *rest, const struct field *point)
{
	for (const char *at = rest; *at;) {
		const char *end = strchrnul(at, '\n'), *p = at;
		struct field f = { 0 };
		int n = 0;

		while (n < 5 && next_field(&p, end, &f))
			n++;
		if (n == 5 && f.len == point->len && !memcmp(f.at, point->at, f.len))
			return true;
		at = *end ? end + 1 : end;
	}
	return false;
}

static void take_line(const char *at, const char *end, struct cgroup_layout *l)
{
	/* ID PARENT MAJ:MIN ROOT POINT OPTIONS [TAG]... - TYPE SOURCE SUPEROPTIONS */
	struct field f[5], type, source, super;
	char point[CGROUP_PATH], root[CGROUP_PATH], options[CGROUP_PATH];

	for (size_t i = 0; i < 5; i++)
		if (!next_field(&at, end, &f[i]))
			return;
	do {
		if (!next_field(&at, end, &type))
			return;
	} while (!field_is(&type, "-"));
	if (!next_field(&at, end, &type) || !next_field(&at, end, &source) ||
	    !next_field(&at, end, &super))
		return;
	if ((!field_is(&type, "cgroup") && !field_is(&type, "cgroup2")) || is_hidden(end, &f[4]))
		return;
	if (!unescape(f[3].at, f[3].len, root, sizeof(root)) ||
	    !unescape(f[4].at, f[4].len, point, sizeof(point)) ||
	    !unescape(super.at, super.len, options, sizeof(options)))
		return;
	if (field_is(&type, "cgroup2")) {
		take_mount(point, root, l->v2, l->v2_root);
		return;
	}
	for (size_t c = 0; c < CG_NCTRL; c++)
		if (cgroup_has_word(options, cgroup_ctrl_name(c), ","))
			take_mount(point, root, l->v1[c], l->v1_root[c]);
}

int cgroup_layout_parse(const char *mountinfo, struct cgroup_layout *ret)
{
	struct cgroup_layout l = { 0 };
	bool any_v1 = false;

	for (const char *at = mountinfo; *at;) {
		const char *end = strchrnul(at, '\n');

		take_line(at, end, &l);
		at = *end ? end + 1 : end;
	}
	for (size_t c = 0; c < CG_NCTRL; c++)
		any_v1 |= *l.v1[c] != '\0';
	if (!*l.v2 && !any_v1)
		return -ENOENT;
	l.mode = !*l.v2 ? CGROUP_V1 : any_v1 ? CGROUP_HYBRID : CGROUP_V2;
	/* A controller that no v1 hierarchy has taken belongs to the default hierarchy. */
	l.io_on_v2 = !*l.v1[CG_BLKIO] && *l.v2;
	*ret = l;
	return 0;
}

/* Directory under @mount of the cgroup @path, given that @root is what is mounted there. */
static void place(const char *mount, const char *root, const char *path, size_t len, char *ret)
{
	static const char deleted[] = " (deleted)";
	size_t n = strlen(root), m = strlen(mount);

	*ret = '\0';
	if (!m || len == 0 || *path != '/' || !strncmp(path, "/..", 3))
		return;
	if (len >= sizeof(deleted) - 1 &&
	    !memcmp(path + len - (sizeof(deleted) - 1), deleted, sizeof(deleted) - 1))
		return;
	if (n > 1) {
		if (len < n || memcmp(path, root, n) || (len > n && path[n] != '/'))
			return;
		path += n;
		len -= n;
	}
	if (len <= 1 || m + len >= CGROUP_PATH)
		return;
	memcpy(ret, mount, m);
	memcpy(ret + m, path, len);
	ret[m + len] = '\0';
}

void cgroup_proc_parse(const struct cgroup_layout *l, const char *text, struct cgroup_ref *ret)
{
	*ret = (struct cgroup_ref){ 0 };
	for (const char *at = text; *at;) {
		const char *end = strchrnul(at, '\n');
		const char *ctrls = memchr(at, ':', end - at);
		const char *path = ctrls ? memchr(ctrls + 1, ':', end - ctrls - 1) : NULL;
		char list[256];

		/* HIERARCHY:CONTROLLERS:PATH, "0::PATH" for v2 */
		if (path && (size_t)(path - ctrls) <= sizeof(list)) {
			memcpy(list, ctrls + 1, path - ctrls - 1);
			list[path - ctrls - 1] = '\0';
			path++;
			if (!strncmp(at, "0::", 3))
				place(l->v2, l->v2_root, path, end - path, ret->v2);
			for (size_t c = 0; c < CG_NCTRL; c++)
				if (cgroup_has_word(list, cgroup_ctrl_name(c), ","))
					place(l->v1[c], l->v1_root[c], path, end - path,
					      ret->v1[c]);
		}
		at = *end ? end + 1 : end;
	}
}
