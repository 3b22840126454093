// SPDX-License-Identifier: Apache-2.0
/* A bind's source has to exist: an engine would make an empty directory of a typing mistake. */
#include "launch/docker_mount.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"

static bool is_name(const char *s)
{
	if (!isalnum((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("_.-", *s))
			return false;
	return true;
}

static int take_source(const char *text, const char *src, struct docker_mount *m, struct err *err)
{
	if (!strcmp(src, "tmpfs")) {
		m->type = MOUNT_TMPFS;
		return 0;
	}
	if (*src == '/' || *src == '.') {
		m->type = MOUNT_BIND;
		if (!realpath(src, m->source))
			return err_set(err, -errno,
				       "volume '%s': cannot use '%s' (make it first: mkdir -p %s)",
				       text, src, src);
		return 0;
	}
	m->type = MOUNT_VOLUME;
	if (!is_name(src))
		return err_say(err, -EINVAL,
			       "volume '%s': '%s' is neither a path nor a name of letters, digits, "
			       "'_', '.' and '-'",
			       text, src);
	snprintf(m->source, sizeof(m->source), "%s", src);
	return 0;
}

int docker_mount_parse(const char *text, struct docker_mount *ret, struct err *err)
{
	cleanup_free char *copy = strdup(text);
	char *rest = copy, *src, *dest, *mode;
	struct docker_mount m = { 0 };
	int rc;

	if (!copy)
		return err_set(err, -ENOMEM, "volume '%s'", text);
	src = strsep(&rest, ":");
	dest = strsep(&rest, ":");
	mode = strsep(&rest, ":");
	if (rest || !dest || !*src || (mode && strcmp(mode, "ro") && strcmp(mode, "rw")))
		return err_say(err, -EINVAL, "volume '%s': expected SRC:DEST or SRC:DEST:ro", text);
	if (*dest != '/' || strlen(dest) >= sizeof(m.target))
		return err_say(err, -EINVAL, "volume '%s': '%s' is not an absolute path", text,
			       dest);
	rc = take_source(text, src, &m, err);
	if (rc)
		return rc;
	strcpy(m.target, dest);
	m.read_only = mode && !strcmp(mode, "ro");
	*ret = m;
	return 0;
}

const char *docker_mount_type_name(enum docker_mount_type type)
{
	switch (type) {
	case MOUNT_VOLUME: return "volume";
	case MOUNT_TMPFS: return "tmpfs";
	default: return "bind";
	}
}
