// SPDX-License-Identifier: Apache-2.0
/* The endpoint by the keys given. URLs are taken apart by libcurl, so that no secret is left in one. */
#include "sink/influxdb_place.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/secret.h"
#include "sink/influxdb.h"

#define MAX_TEXT 16384

static bool given(const char *text)
{
	return text && *text;
}

/* The spec's, or that of the environment, or NULL. */
static const char *either(const char *key, const char *variable)
{
	const char *value = given(key) ? key : getenv(variable);

	return given(value) ? value : NULL;
}

/* A part of @u, freed by curl_free(), or NULL. */
static char *url_part(CURLU *u, CURLUPart part, unsigned int flags)
{
	char *text = NULL;

	return curl_url_get(u, part, &text, flags) == CURLUE_OK ? text : NULL;
}

static int take_part(CURLU *u, CURLUPart part, const char *what, char **ret, struct err *err)
{
	struct secret_source from = { .what = what };
	CURLUcode code;
	char *text = NULL;
	int rc;

	code = curl_url_get(u, part, &text, CURLU_URLDECODE);
	if (code == CURLUE_NO_USER || code == CURLUE_NO_PASSWORD)
		return 0;
	if (code)
		return err_say(err, -EINVAL, "the %s cannot be decoded", what);
	from.given = text;
	rc = secret_find(&from, ret, err);
	curl_free(text);
	curl_url_set(u, part, NULL, 0);
	return rc;
}

/* user:password@ of a URL, which are no part of it any more. */
static int take_userinfo(CURLU *u, struct influxdb_place *place, struct err *err)
{
	int rc = take_part(u, CURLUPART_USER, "user in the url", &place->user, err);

	if (!rc)
		rc = take_part(u, CURLUPART_PASSWORD, "password in the url", &place->password, err);
	return rc ? err_wrap(err, "influxdb") : 0;
}

/* Sets *ret_base: scheme, host, port and path, without a slash at its end. */
static int read_url(const char *text, struct influxdb_place *place, char **ret_base,
		    struct err *err)
{
	CURLU *u = curl_url();
	char *query, *fragment, *url;
	int rc = -EINVAL;

	if (!u)
		return err_set(err, -ENOMEM, "influxdb");
	/* Its text is not quoted: it may hold what nobody is to see. */
	if (curl_url_set(u, CURLUPART_URL, text, CURLU_GUESS_SCHEME)) {
		err_say(err, rc, "influxdb: the url is none; expected http://HOST:8086");
		goto out;
	}
	query = url_part(u, CURLUPART_QUERY, 0);
	fragment = url_part(u, CURLUPART_FRAGMENT, 0);
	curl_free(query);
	curl_free(fragment);
	if (query || fragment) {
		err_say(err, rc, "influxdb: the url has a query; say that by keys of the spec");
		goto out;
	}
	rc = take_userinfo(u, place, err);
	if (rc)
		goto out;
	url = url_part(u, CURLUPART_URL, 0);
	if (!url || (strncmp(url, "http://", 7) && strncmp(url, "https://", 8)))
		rc = err_say(err, -EINVAL, "influxdb: the url is neither http:// nor https://");
	else if (!(*ret_base = strdup(url)))
		rc = err_set(err, -ENOMEM, "influxdb");
	else
		for (size_t n = strlen(*ret_base); n && (*ret_base)[n - 1] == '/';)
			(*ret_base)[--n] = '\0';
	curl_free(url);
out:
	curl_url_cleanup(u);
	return rc;
}

/* What the url told of a user comes after keys of its own, and before the environment. */
static int find_secrets(struct influxdb_place *place, const struct influxdb_config *c,
			struct err *err)
{
	char *user = place->user, *password = place->password;
	const bool key = secret_given(c->password) || given(c->password_file);
	const struct secret_source from[] = {
		{ "token", c->token, c->token_file, "influxdb-token", "INFLUXDB_TOKEN" },
		{ "user", secret_given(c->user) ? c->user : user, NULL, NULL, "INFLUXDB_USER" },
		{ "password", key ? c->password : password, c->password_file, "influxdb-password",
		  "INFLUXDB_PASSWORD" },
	};
	char **const to[] = { &place->token, &place->user, &place->password };
	int rc = 0;

	place->user = place->password = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(from) && !rc; i++)
		rc = secret_find(&from[i], to[i], err);
	secret_free(user);
	secret_free(password);
	return rc ? err_wrap(err, "influxdb") : 0;
}

/*
 * By the keys of the spec. A token that only the environment has does not make the database of
 * somebody with a user one of InfluxDB 3.
 */
static enum influxdb_api choose(const struct influxdb_place *place, const struct influxdb_config *c,
				bool user_in_url)
{
	bool token = given(c->token) || given(c->token_file);
	bool user = given(c->user) || given(c->password) || given(c->password_file) || user_in_url;

	if (!given(c->database))
		return INFLUXDB_V2;
	if (token || user)
		return user ? INFLUXDB_V1 : INFLUXDB_V3;
	return place->token && !place->user ? INFLUXDB_V3 : INFLUXDB_V1;
}

static void add_parameter(struct buf *url, const char *name, const char *value)
{
	char *text;

	if (!given(value))
		return;
	text = curl_easy_escape(NULL, value, 0);
	(void)buf_printf(url, "&%s=%s", name, text ? text : ""); /* make_url() looks at @failed */
	if (!text)
		url->failed = -ENOMEM;
	curl_free(text);
}

static int make_url(struct influxdb_place *place, const char *base, const struct influxdb_config *c,
		    const char *bucket, const char *org)
{
	static const char *const paths[] = {
		[INFLUXDB_V1] = "/write?precision=ns",
		[INFLUXDB_V2] = "/api/v2/write?precision=ns",
		[INFLUXDB_V3] = "/api/v3/write_lp?precision=nanosecond&accept_partial=true",
	};
	struct buf url = BUF_INIT(MAX_TEXT), where = BUF_INIT(MAX_TEXT), in = BUF_INIT(MAX_TEXT);
	int rc;

	(void)buf_printf(&url, "%s%s", base, paths[place->api]);
	(void)buf_printf(&where, "influxdb %s", base);
	if (place->api == INFLUXDB_V2) {
		add_parameter(&url, "bucket", bucket);
		add_parameter(&url, "org", org);
		(void)buf_printf(&where, " bucket=%s", bucket);
		(void)buf_printf(&in, "bucket '%s'", bucket);
		if (org) {
			(void)buf_printf(&where, " org=%s", org);
			(void)buf_printf(&in, " of organisation '%s'", org);
		}
	} else {
		add_parameter(&url, "db", c->database);
		(void)buf_printf(&where, " database=%s", c->database);
		(void)buf_printf(&in, "database '%s'", c->database);
		if (place->api == INFLUXDB_V1 && given(c->retention_policy)) {
			add_parameter(&url, "rp", c->retention_policy);
			(void)buf_printf(&where, " retention_policy=%s", c->retention_policy);
			(void)buf_printf(&in, ", retention policy '%s'", c->retention_policy);
		}
	}
	rc = url.failed ? url.failed : where.failed ? where.failed : in.failed;
	place->url = buf_steal(&url);
	place->where = buf_steal(&where);
	place->container = buf_steal(&in);
	return !rc && (!place->url || !place->where || !place->container) ? -ENOMEM : rc;
}

static void put_base64(const char *text, struct buf *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned int bits = 0;
		char four[4];

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < n ? (unsigned char)text[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			four[k] = k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=';
		(void)buf_put(out, four, 4);
	}
}

static int make_authorization(struct influxdb_place *place)
{
	const char *user = place->user ? place->user : "";
	const char *password = place->password ? place->password : "";
	struct buf out = BUF_INIT(MAX_TEXT * 4), both = BUF_INIT(MAX_TEXT * 3);
	bool basic = place->api == INFLUXDB_V1 && place->user && (place->password || !place->token);
	int rc;

	(void)buf_printf(&both, "%s:%s", user, password);
	if (basic) {
		(void)buf_puts(&out, "Basic ");
		put_base64(buf_str(&both), &out);
	} else if (place->token) {
		(void)buf_printf(&out, "%s %s", place->api == INFLUXDB_V3 ? "Bearer" : "Token",
				 place->token);
	} else if (place->api == INFLUXDB_V2 && place->user) {
		(void)buf_printf(&out, "Token %s", buf_str(&both));
	}
	rc = out.failed ? out.failed : both.failed;
	if (out.len && !rc)
		place->authorization = buf_steal(&out);
	if (both.data)
		explicit_bzero(both.data, both.len);
	buf_fini(&both);
	buf_fini(&out);
	return rc;
}

int influxdb_place_init(struct influxdb_place *place, const struct influxdb_config *c,
			struct err *err)
{
	const char *url = either(c->url, "INFLUXDB_HOST");
	const char *bucket = given(c->database) ? NULL : either(c->bucket, "INFLUXDB_BUCKET");
	const char *org = bucket ? either(c->org, "INFLUXDB_ORG") : NULL;
	cleanup_free char *base = NULL;
	bool user_in_url;
	int rc;

	*place = (struct influxdb_place){ 0 };
	if (!url)
		return err_say(err, -EINVAL, "influxdb: no url; give the key, or INFLUXDB_HOST");
	if (given(c->database) && given(c->bucket))
		return err_say(err, -EINVAL, "influxdb: a bucket or a database, not both");
	if (!bucket && !given(c->database))
		return err_say(err, -EINVAL,
			       "influxdb: needs a bucket or a database; INFLUXDB_BUCKET is not set "
			       "either");
	rc = read_url(url, place, &base, err);
	user_in_url = place->user;
	if (!rc)
		rc = find_secrets(place, c, err);
	if (rc)
		goto out;
	place->api = choose(place, c, user_in_url);
	rc = make_url(place, base, c, bucket, org);
	if (!rc)
		rc = make_authorization(place);
	if (rc)
		err_set(err, rc, "influxdb");
out:
	if (rc)
		influxdb_place_fini(place);
	return rc;
}

void influxdb_place_hide(const struct influxdb_place *place, char *text)
{
	const char *scheme_end = place->authorization ? strchr(place->authorization, ' ') : NULL;

	if (scheme_end)
		secret_hide(text, scheme_end + 1);
	secret_hide(text, place->token);
	secret_hide(text, place->password);
}

void influxdb_place_fini(struct influxdb_place *place)
{
	free(place->url);
	free(place->where);
	free(place->container);
	secret_free(place->authorization);
	secret_free(place->token);
	secret_free(place->user);
	secret_free(place->password);
	*place = (struct influxdb_place){ 0 };
}
