// SPDX-License-Identifier: Apache-2.0
/* Looking in each place in turn; messages name the place and never the value. */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"

#define MAX_BYTES 16384

bool secret_given(const char *given)
{
	return given && *given && strcmp(given, SECRET_HIDDEN) != 0;
}

static int take(const char *what, const char *place, const char *value, char **ret, struct err *err)
{
	for (const char *s = value; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return err_say(
				err, -EINVAL,
				"the %s from %s holds a line break or another control character",
				what, place);
	*ret = strdup(value);
	return *ret ? 0 : err_set(err, -ENOMEM, "%s", what);
}

static int take_file(const char *what, const char *path, char **ret, struct err *err)
{
	struct buf b = BUF_INIT(MAX_BYTES);
	int rc = fs_slurp_at(AT_FDCWD, path, &b);

	if (rc) {
		rc = err_set(err, rc, "cannot read the %s from %s", what, path);
	} else if (strlen(buf_str(&b)) != b.len) {
		rc = err_say(err, -EINVAL, "the %s from %s holds a NUL byte", what, path);
	} else {
		while (b.len && (b.data[b.len - 1] == '\n' || b.data[b.len - 1] == '\r'))
			b.data[--b.len] = '\0';
		rc = b.len ? take(what, path, buf_str(&b), ret, err)
			   : err_say(err, -EINVAL, "the %s from %s is empty", what, path);
	}
	if (b.data)
		explicit_bzero(b.data, b.cap);
	buf_fini(&b);
	return rc;
}

static int take_credential(const struct secret_source *source, char **ret, struct err *err)
{
	const char *dir = source->credential ? getenv("CREDENTIALS_DIRECTORY") : NULL;
	cleanup_free char *path = dir && *dir ? fs_join(dir, source->credential) : NULL;

	if (!path || (access(path, F_OK) && errno == ENOENT))
		return 0;
	return take_file(source->what, path, ret, err);
}

int secret_find(const struct secret_source *source, char **ret, struct err *err)
{
	const char *value;
	int rc;

	*ret = NULL;
	if (secret_given(source->given))
		return take(source->what, "the spec", source->given, ret, err);
	if (source->file && *source->file)
		return take_file(source->what, source->file, ret, err);
	rc = take_credential(source, ret, err);
	if (rc || *ret)
		return rc;
	value = source->variable ? getenv(source->variable) : NULL;
	return value && *value ? take(source->what, source->variable, value, ret, err) : 0;
}

void secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

void secret_hide(char *text, const char *secret)
{
	size_t n = secret ? strlen(secret) : 0, hidden = strlen(SECRET_HIDDEN);

	for (char *at = text; n >= SECRET_MIN && (at = strstr(at, secret));) {
		size_t keep = n < hidden ? n : hidden;

		memcpy(at, SECRET_HIDDEN, keep);
		memmove(at + keep, at + n, strlen(at + n) + 1);
		at += keep;
	}
}

bool secret_has_name(const char *name)
{
	static const char *const words[] = { "PASSWORD", "PASSWD", "TOKEN", "SECRET", "KEY" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

bool secret_is_ours(const char *name, const char *value)
{
	static const char *const names[] = { "INFLUXDB_TOKEN", "INFLUXDB_PASSWORD",
					     "CREDENTIALS_DIRECTORY" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	/* http://USER:PASSWORD@HOST */
	return !strcmp(name, "INFLUXDB_HOST") && strchr(value, '@');
}
