// SPDX-License-Identifier: Apache-2.0
/* Which endpoint, with what parameters, as whom; and that no secret is where it can be read. */
#include "sink/influxdb_place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "scratch.h"
#include "sink/influxdb.h"
#include "unit.h"

static char dir[64], token_file[128];

static const char *const variables[] = { "INFLUXDB_HOST",	 "INFLUXDB_TOKEN",
					 "INFLUXDB_ORG",	 "INFLUXDB_BUCKET",
					 "INFLUXDB_USER",	 "INFLUXDB_PASSWORD",
					 "CREDENTIALS_DIRECTORY" };

#define U "http://h:8086"
#define V1 U "/write?precision=ns"
#define V2 U "/api/v2/write?precision=ns"
#define V3 U "/api/v3/write_lp?precision=nanosecond&accept_partial=true"

static const struct {
	const char *label;
	struct influxdb_config config;
	const char *env[3]; /* NAME=VALUE */
	enum influxdb_api api;
	const char *url, *where, *authorization;
} good[] = {
	{ "a database",
	  { .url = U, .database = "d" },
	  { 0 },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  NULL },
	{ "with its user",
	  { .url = U, .database = "d", .user = "u", .password = "hush", .retention_policy = "r" },
	  { 0 },
	  INFLUXDB_V1,
	  V1 "&db=d&rp=r",
	  "influxdb " U " database=d retention_policy=r",
	  "Basic dTpodXNo" },
	{ "a user without password",
	  { .url = U, .database = "d", .user = "us" },
	  { 0 },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  "Basic dXM6" },
	{ "a user with a token: InfluxDB 2 by the paths of 1",
	  { .url = U, .database = "d", .user = "u", .token = "hush" },
	  { 0 },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  "Token hush" },
	{ "a bucket",
	  { .url = U, .bucket = "b", .org = "o", .token = "hush" },
	  { 0 },
	  INFLUXDB_V2,
	  V2 "&bucket=b&org=o",
	  "influxdb " U " bucket=b org=o",
	  "Token hush" },
	{ "without org",
	  { .url = U, .bucket = "d/r", .user = "u", .password = "hush" },
	  { 0 },
	  INFLUXDB_V2,
	  V2 "&bucket=d%2Fr",
	  "influxdb " U " bucket=d/r",
	  "Token u:hush" },
	{ "a database with a token",
	  { .url = U, .database = "d", .token = "hush" },
	  { 0 },
	  INFLUXDB_V3,
	  V3 "&db=d",
	  "influxdb " U " database=d",
	  "Bearer hush" },
	{ "names are escaped",
	  { .url = U, .bucket = "a b&c=\xc3\xa9", .org = "o/o" },
	  { 0 },
	  INFLUXDB_V2,
	  V2 "&bucket=a%20b%26c%3D%C3%A9&org=o%2Fo",
	  "influxdb " U " bucket=a b&c=\xc3\xa9 org=o/o",
	  NULL },
	{ "a path before the server's",
	  { .url = "https://h/influx/", .database = "d" },
	  { 0 },
	  INFLUXDB_V1,
	  "https://h/influx/write?precision=ns&db=d",
	  "influxdb https://h/influx database=d",
	  NULL },
	{ "a host alone",
	  { .url = "h:8086", .database = "d" },
	  { 0 },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  NULL },
	{ "user and password of a url are taken out",
	  { .url = "http://u:hu%3Ash@h:8086", .database = "d" },
	  { 0 },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  "Basic dTpodTpzaA==" },
	{ "and give way to the keys",
	  { .url = "http://x:y@h:8086", .database = "d", .user = "u", .password = "hush" },
	  { 0 },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  "Basic dTpodXNo" },
	{ "but not to the environment",
	  { .url = "http://u:hush@h:8086", .database = "d" },
	  { "INFLUXDB_USER=x", "INFLUXDB_PASSWORD=y", "INFLUXDB_TOKEN=z" },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  "Basic dTpodXNo" },
	{ "hidden ones are none",
	  { .url = "http://***@h:8086", .database = "d" },
	  { "INFLUXDB_USER=u", "INFLUXDB_PASSWORD=hush" },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  "Basic dTpodXNo" },
	{ "all from the environment",
	  { 0 },
	  { "INFLUXDB_HOST=" U, "INFLUXDB_BUCKET=b", "INFLUXDB_TOKEN=hush" },
	  INFLUXDB_V2,
	  V2 "&bucket=b",
	  "influxdb " U " bucket=b",
	  "Token hush" },
	{ "its org, too",
	  { .url = U, .bucket = "b", .token = "***" },
	  { "INFLUXDB_ORG=o", "INFLUXDB_TOKEN=hush" },
	  INFLUXDB_V2,
	  V2 "&bucket=b&org=o",
	  "influxdb " U " bucket=b org=o",
	  "Token hush" },
	{ "a database does not take a bucket's",
	  { .url = U, .database = "d" },
	  { "INFLUXDB_BUCKET=b", "INFLUXDB_ORG=o" },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  NULL },
	{ "a token of the environment makes it 3",
	  { .url = U, .database = "d" },
	  { "INFLUXDB_TOKEN=hush" },
	  INFLUXDB_V3,
	  V3 "&db=d",
	  "influxdb " U " database=d",
	  "Bearer hush" },
	{ "but not if there is a user as well",
	  { .url = U, .database = "d" },
	  { "INFLUXDB_TOKEN=x", "INFLUXDB_USER=u", "INFLUXDB_PASSWORD=hush" },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  "Basic dTpodXNo" },
	{ "nor if the spec has one",
	  { .url = U, .database = "d", .user = "u", .password = "***" },
	  { "INFLUXDB_TOKEN=x", "INFLUXDB_PASSWORD=hush" },
	  INFLUXDB_V1,
	  V1 "&db=d",
	  "influxdb " U " database=d",
	  "Basic dTpodXNo" },
	{ "a token of the spec is meant, whoever else there is",
	  { .url = U, .database = "d", .token = "***" },
	  { "INFLUXDB_TOKEN=hush", "INFLUXDB_USER=x", "INFLUXDB_PASSWORD=y" },
	  INFLUXDB_V3,
	  V3 "&db=d",
	  "influxdb " U " database=d",
	  "Bearer hush" },
	{ "a token in a file",
	  { .url = U, .database = "d", .token_file = token_file },
	  { "INFLUXDB_TOKEN=x" },
	  INFLUXDB_V3,
	  V3 "&db=d",
	  "influxdb " U " database=d",
	  "Bearer hush" },
};

static const struct {
	const char *label;
	struct influxdb_config config;
	const char *env[3];
	int rc;
	const char *says;
} bad[] = {
	{ "no url", { .database = "d" }, { 0 }, -EINVAL, "no url; give the key, or INFLUXDB_HOST" },
	{ "no place in it", { .url = U }, { 0 }, -EINVAL, "INFLUXDB_BUCKET is not set either" },
	{ "two places", { .url = U, .database = "d", .bucket = "b" }, { 0 }, -EINVAL, "not both" },
	{ "no url at all",
	  { .url = "http://u:hush@", .database = "d" },
	  { 0 },
	  -EINVAL,
	  "the url is none" },
	{ "a query could hold a secret",
	  { .url = U "/?p=hush", .database = "d" },
	  { 0 },
	  -EINVAL,
	  "has a query" },
	{ "what is behind # is never sent",
	  { .url = U "/#hush", .database = "d" },
	  { 0 },
	  -EINVAL,
	  "has a query" },
	{ "another protocol",
	  { .url = "ftp://hush@h", .database = "d" },
	  { 0 },
	  -EINVAL,
	  "neither http:// nor https://" },
	{ "a file", { .url = "file:///etc/passwd", .database = "d" }, { 0 }, -EINVAL, "" },
	{ "a token of two lines",
	  { .url = U, .bucket = "b" },
	  { "INFLUXDB_TOKEN=hush\nX: y" },
	  -EINVAL,
	  "the token from INFLUXDB_TOKEN" },
	{ "a line break in a url's user",
	  { .url = "http://u%0Ahush@h", .bucket = "b" },
	  { 0 },
	  -EINVAL,
	  "the user in the url" },
	{ "a file that is not there",
	  { .url = U, .bucket = "b", .token_file = "/no/such" },
	  { 0 },
	  -ENOENT,
	  "cannot read the token from /no/such" },
};

static void set_environment(const char *const env[3])
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		unsetenv(variables[i]);
	for (size_t i = 0; i < 3 && env[i]; i++)
		assert_int_equal(putenv((char *)(uintptr_t)env[i]), 0);
}

static void same(const char *label, const char *a, const char *b)
{
	if ((a && b) ? strcmp(a, b) : a != b)
		fail_msg("%s: '%s' is not '%s'", label, a ? a : "(none)", b ? b : "(none)");
}

static void keys_choose_the_endpoint(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct influxdb_place place;
		struct err err = { 0 };

		set_environment(good[i].env);
		if (influxdb_place_init(&place, &good[i].config, &err))
			fail_msg("%s: %s", good[i].label, err.text);
		assert_int_equal(place.api, good[i].api);
		same(good[i].label, place.url, good[i].url);
		same(good[i].label, place.where, good[i].where);
		same(good[i].label, place.authorization, good[i].authorization);
		assert_null(strstr(place.url, "hush"));
		assert_null(strstr(place.where, "hush"));
		assert_null(strstr(place.container, "hush"));
		influxdb_place_fini(&place);
	}
}

static void what_is_wrong_is_said_without_secrets(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct influxdb_place place;
		struct err err = { 0 };
		int rc;

		set_environment(bad[i].env);
		rc = influxdb_place_init(&place, &bad[i].config, &err);
		if (rc != bad[i].rc || !strstr(err.text, bad[i].says))
			fail_msg("%s: %d %s", bad[i].label, rc, err.text);
		assert_null(strstr(err.text, "hush"));
	}
}

static void credentials_of_systemd_are_found(void **state)
{
	const struct influxdb_config config = { .url = U, .bucket = "b" };
	const struct influxdb_config old = { .url = U, .database = "d", .user = "u" };
	struct influxdb_place place;
	struct err err;

	(void)state;
	set_environment((const char *const[3]){ "INFLUXDB_TOKEN=x", "INFLUXDB_PASSWORD=y" });
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	assert_int_equal(influxdb_place_init(&place, &config, &err), 0);
	assert_string_equal(place.authorization, "Token hush-c");
	influxdb_place_fini(&place);
	assert_int_equal(influxdb_place_init(&place, &old, &err), 0);
	assert_string_equal(place.authorization, "Basic dTpodXNoLXA=");
	influxdb_place_fini(&place);
}

static void words_of_others_are_cleaned_of_secrets(void **state)
{
	const struct influxdb_config config = {
		.url = U, .bucket = "b", .token = "hush", .password = "psst"
	};
	const struct influxdb_config old = {
		.url = U, .database = "d", .user = "u", .password = "hush"
	};
	struct influxdb_place place;
	char text[] = "you said Token hush, psst", basic[] = "Authorization: Basic dTpodXNo";
	struct err err;

	(void)state;
	set_environment((const char *const[3]){ NULL });
	assert_int_equal(influxdb_place_init(&place, &config, &err), 0);
	influxdb_place_hide(&place, text);
	assert_string_equal(text, "you said Token ***, ***");
	influxdb_place_fini(&place);
	assert_int_equal(influxdb_place_init(&place, &old, &err), 0);
	influxdb_place_hide(&place, basic);
	assert_string_equal(basic, "Authorization: Basic ***");
	influxdb_place_fini(&place);
}

static int make_files(void **state)
{
	(void)state;
	scratch_make(dir);
	snprintf(token_file, sizeof(token_file), "%s/token", dir);
	scratch_write(dir, "token", "hush\n");
	scratch_write(dir, "influxdb-token", "hush-c\n");
	scratch_write(dir, "influxdb-password", "hush-p");
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	return fs_remove_tree(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_choose_the_endpoint),
		cmocka_unit_test(what_is_wrong_is_said_without_secrets),
		cmocka_unit_test(credentials_of_systemd_are_found),
		cmocka_unit_test(words_of_others_are_cleaned_of_secrets),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
