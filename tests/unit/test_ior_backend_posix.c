// SPDX-License-Identifier: Apache-2.0
/* Backend POSIX: bytes where they belong, failures that say what to do. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ior/backend.h"
#include "ior/options.h"
#include "unit.h"

static const struct backend *const posix = &backend_posix;

static int enter_dir(void **state)
{
	static char dir[] = "/tmp/cbpf-test-XXXXXX";

	*state = mkdtemp(dir);
	return *state && !chdir(dir) ? 0 : -1;
}

static int leave_dir(void **state)
{
	return chdir("/") || rmdir(*state);
}

static void test_round_trip(void **state)
{
	struct ior_options o = { .transfer_bytes = 8 };
	struct open_request req = { .options = &o, .path = "f", .write = true };
	char data[8] = "";
	struct err err;
	void *f;

	(void)state;
	assert_int_equal(posix->open(&req, &f, &err), 0);
	assert_int_equal(posix->write(f, "12345678", 8, 16, &err), 0);
	assert_int_equal(posix->sync(f, &err), 0);
	assert_int_equal(posix->close(f, &err), 0);
	req.write = false;
	assert_int_equal(posix->open(&req, &f, &err), 0);
	assert_int_equal(posix->read(f, data, 8, 16, &err), 0);
	assert_memory_equal(data, "12345678", 8);
	assert_int_equal(posix->read(f, data, 8, 20, &err), -ENODATA);
	assert_non_null(strstr(err.text, "'f' ends at offset 24, 4 bytes too early"));
	assert_int_equal(posix->write(f, data, 8, 0, &err), -EBADF); /* opened for reading */
	assert_int_equal(posix->close(f, &err), 0);
	assert_int_equal(posix->close(NULL, &err), 0);
	unlink("f");
}

static void test_a_file_that_exists_is_not_truncated(void **state)
{
	struct ior_options o = { .transfer_bytes = 8 };
	struct open_request req = { .options = &o, .path = "f", .write = true };
	struct err err;
	void *f;

	(void)state;
	close(open("f", O_CREAT | O_WRONLY, 0600));
	assert_int_equal(truncate("f", 100), 0);
	assert_int_equal(posix->open(&req, &f, &err), 0);
	posix->close(f, &err);
	assert_int_equal(access("f", F_OK), 0);
	assert_int_equal(truncate("f", 100), 0);
	unlink("f");
}

static const struct {
	const char *why, *path;
	bool write;
	int rc;
	const char *words;
} failures[] = {
	{ "a missing directory", "no/f", true, -ENOENT, "does its directory exist?" },
	{ "a missing file", "no", false, -ENOENT, "write it first (-w)" },
	{ "a directory", ".", true, -EISDIR, "cannot open '.' for writing: Is a directory" },
};

static void test_failures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		struct ior_options o = { .transfer_bytes = 8 };
		struct open_request req = { .options = &o,
					    .path = failures[i].path,
					    .write = failures[i].write };
		struct err err;
		void *f;
		int rc = posix->open(&req, &f, &err);

		if (rc != failures[i].rc || !strstr(err.text, failures[i].words))
			fail_msg("%s: rc %d '%s'", failures[i].why, rc, err.text);
	}
}

static void test_a_full_device(void **state)
{
	struct ior_options o = { .transfer_bytes = 8 };
	struct open_request req = { .options = &o, .path = "/dev/full", .write = true };
	struct err err;
	void *f;

	(void)state;
	if (access("/dev/full", W_OK))
		skip();
	assert_int_equal(posix->open(&req, &f, &err), 0);
	assert_int_equal(posix->write(f, "12345678", 8, 0, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "No space left on device; free some space"));
	posix->close(f, &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_a_file_that_exists_is_not_truncated),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_a_full_device),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
