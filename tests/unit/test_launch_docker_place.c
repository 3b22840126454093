// SPDX-License-Identifier: Apache-2.0
/* Where on the host the files of containers are, and of the hosts of a workload. No root. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "fake_docker.h"
#include "scratch.h"
#include "unit.h"

#define VOLUME(name, at)                                                                           \
	{                                                                                          \
		"GET /v1.41/volumes/" name, 200, "{\"Mountpoint\": \"" at "\"}", NULL, 0, 0        \
	}
/* %1$s is a directory with a, b/deep and c; the fake engine's own is the root. */
#define HOST(name, volumes) name ": {image: img, command: [x], volumes: [" volumes "]}"
#define IOR(keys) "workload: {ior: {" keys "}}"

static const struct {
	const char *label;
	const char *of; /* the container that is asked for */
	const char *containers;
	int rc;
	const char *places; /* below the directory, unless "/" */
	struct fake_exchange v[3];
} cases[] = {
	{ "without volumes it is the engine's own",
	  "w",
	  "w: {image: img, command: [x]}",
	  0,
	  "/",
	  { { 0 } } },
	{ "a command's is the first volume that it can write to",
	  "w",
	  HOST("w", "\"%1$s/a:/a:ro\", \"%1$s/b:/b\", \"%1$s/c:/c\""),
	  0,
	  "b",
	  { { 0 } } },
	{ "a workload's too",
	  "w",
	  "w: {image: img, " IOR("") ", volumes: [\"%1$s/a:/a:ro\", \"%1$s/b:/b\"]}",
	  0,
	  "b",
	  { { 0 } } },
	{ "its file is in the inner of two",
	  "w",
	  "w: {image: img, " IOR("file: /d/in/x/f") ", volumes: [\"%1$s/a:/d\", \"%1$s/b:/d/in\"]}",
	  0,
	  "b",
	  { { 0 } } },
	{ "and in a directory below it",
	  "w",
	  "w: {image: img, " IOR("file: /d/deep/f") ", volumes: [\"%1$s/b:/d/\"]}",
	  0,
	  "b/deep",
	  { { 0 } } },
	{ "of which the name is whole",
	  "w",
	  "w: {image: img, " IOR("file: /dd/f") ", volumes: [\"%1$s/b:/d\"]}",
	  0,
	  "/",
	  { { 0 } } },
	{ "a relative one is where it works",
	  "w",
	  "w: {image: img, working_dir: /d, " IOR("file: f") ", volumes: [\"%1$s/c:/d\"]}",
	  0,
	  "c",
	  { { 0 } } },
	{ "memory is no place",
	  "w",
	  "w: {image: img, " IOR("file: /d/f") ", volumes: [\"tmpfs:/d\"]}",
	  -ENODEV,
	  "",
	  { { 0 } } },
	{ "the engine knows where a volume is",
	  "w",
	  "w: {image: img, " IOR("file: /d/f") ", volumes: [\"v:/d\"]}",
	  0,
	  "/usr",
	  { VOLUME("v", "/usr"), VOLUME("v", "/usr") } },
	{ "with hosts it is theirs, and not the controller's",
	  "w",
	  HOST("g", "\"%1$s/a:/d\"") ", " HOST("h", "\"%1$s/b:/d\"") ", w: {image: img, " IOR(
		  "hosts: [g, h], file: /d/f") ", volumes: [\"%1$s/c:/d\"]}",
	  0,
	  "a b",
	  { { 0 } } },
	{ "one that they share is one",
	  "w",
	  HOST("g", "\"%1$s/a:/d\"") ", " HOST("h", "\"%1$s/a:/d\"") ", w: {image: img, " IOR(
		  "hosts: [\"g:2\", h], file: /d/f") "}",
	  0,
	  "a",
	  { { 0 } } },
	{ "without a file it is below the first one's first volume",
	  "w",
	  HOST("g", "\"%1$s/a:/x\", \"%1$s/b:/y\"") ", " HOST(
		  "h",
		  "\"%1$s/c:/y\", \"%1$s/b:/x\"") ", w: {image: img, " IOR("hosts: [g, h]") ", "
											    "volume"
											    "s: "
											    "[\"%1$"
											    "s/c:/"
											    "x\"]}",
	  0,
	  "a b",
	  { { 0 } } },
	{ "of a host that is none of the run's nothing is known, and of others it is",
	  "w",
	  HOST("g", "\"%1$s/a:/d\"") ", w: {image: img, " IOR("hosts: [far, g], file: /d/f") "}",
	  -ENODEV,
	  "a",
	  { { 0 } } },
};

static size_t place_of(const struct fake_docker *x, const char *name)
{
	size_t i = 0;

	while (strcmp(x->set.v[i].name, name) != 0)
		i++;
	return i;
}

static void test_cases(void **state)
{
	char root[64], yaml[1024];

	(void)state;
	scratch_make(root);
	scratch_write(root, "a/f", "");
	scratch_write(root, "b/deep/f", "");
	scratch_write(root, "c/f", "");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_exchange v[8] = { FAKE_INFO, FAKE_IMAGE };
		struct str_list places = { 0 };
		struct buf text = BUF_INIT(4096);
		struct fake_docker x;
		size_t n = 2, len = 0;
		int rc;

		print_message("%s\n", cases[i].label);
		for (const char *at = cases[i].containers; *at; at++) {
			bool dir = !strncmp(at, "%1$s", 4);

			len += (size_t)snprintf(yaml + len, sizeof(yaml) - len, "%.*s",
						dir ? (int)strlen(root) : 1, dir ? root : at);
			at += dir ? 3 : 0;
		}
		buf_printf(&text, "containers: {%s}", yaml);
		for (size_t k = 0; k < ARRAY_SIZE(cases[i].v) && cases[i].v[k].request; k++)
			v[n++] = cases[i].v[k];
		fake_docker_open(&x, buf_str(&text), v, n);
		if (x.rc)
			fail_msg("%s", x.err.text);
		rc = docker_places(x.d, place_of(&x, cases[i].of), &places, &x.err);
		assert_int_equal(rc, cases[i].rc);
		buf_reset(&text);
		for (size_t k = 0; k < places.n; k++) {
			const char *p = places.v[k];
			bool below = !strncmp(p, root, strlen(root));

			buf_printf(&text, "%s%s", k ? " " : "", below ? p + strlen(root) + 1 : p);
		}
		assert_string_equal(buf_str(&text), cases[i].places);
		str_list_fini(&places);
		buf_fini(&text);
		fake_docker_close(&x);
	}
	assert_int_equal(fs_remove_tree(root), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
