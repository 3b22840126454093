// SPDX-License-Identifier: Apache-2.0
/* What checks of the host have in common. */
#include "host/feature.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"

#define TABLE_MAX (1024 * 1024) /* bytes of mountinfo or filesystems */

const char *feature_status_name(enum feature_status status)
{
	static const char *const names[] = { "no", "degraded", "yes" };

	return names[status];
}

const struct feature *feature_find(const struct feature *rows, const char *id)
{
	for (; rows->id; rows++)
		if (!strcmp(rows->id, id))
			return rows;
	return NULL;
}

__attribute__((format(printf, 4, 0))) static void say(struct feature_result *ret,
						      enum feature_status status, const char *fix,
						      const char *fmt, va_list ap)
{
	ret->status = status;
	vsnprintf(ret->why, sizeof(ret->why), fmt, ap);
	snprintf(ret->fix, sizeof(ret->fix), "%s", fix ? fix : "");
}

void feature_yes(struct feature_result *ret, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(ret, FEATURE_YES, NULL, fmt, ap);
	va_end(ap);
}

void feature_no(struct feature_result *ret, const char *fix, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(ret, FEATURE_NO, fix, fmt, ap);
	va_end(ap);
}

void feature_degraded(struct feature_result *ret, const char *fix, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(ret, FEATURE_DEGRADED, fix, fmt, ap);
	va_end(ap);
}

/* The line's mount point (field 5) when the type after " - " is @type. */
static bool mount_line(char *line, const char *type, char *path, int size)
{
	char *tail = strstr(line, " - ");
	size_t len = strlen(type);
	char point[4096];

	if (!tail || strncmp(tail + 3, type, len) != 0 || tail[3 + len] != ' ')
		return false;
	if (sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1)
		return false;
	snprintf(path, (size_t)size, "%s", point + (point[0] == '/'));
	return true;
}

bool feature_mounted(const struct feature_env *env, const char *type, char *path, int size)
{
	cleanup_buf struct buf text = BUF_INIT(TABLE_MAX);
	char *line, *save = NULL;

	if (fs_slurp_at(env->root, "proc/self/mountinfo", &text) || !text.data)
		return false;
	for (line = strtok_r(text.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (mount_line(line, type, path, size))
			return true;
	return false;
}

bool feature_has_fs(const struct feature_env *env, const char *type)
{
	cleanup_buf struct buf text = BUF_INIT(TABLE_MAX);
	char *line, *save = NULL;

	if (fs_slurp_at(env->root, "proc/filesystems", &text) || !text.data)
		return false;
	for (line = strtok_r(text.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *tab = strchr(line, '\t');

		if (tab && !strcmp(tab + 1, type))
			return true;
	}
	return false;
}
