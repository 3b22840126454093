// SPDX-License-Identifier: Apache-2.0
/* Backend MPIIO with one rank: plain, through a view, and failing. */
#include <errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ior/backend.h"
#include "ior/options.h"
#include "ior/world.h"
#include "unit.h"

static const struct backend *const mpiio = &backend_mpiio;

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

static const struct {
	const char *why;
	struct ior_options o;
	uint64_t block_start, segment_bytes, offset;
} trips[] = {
	{ "independent", { .block_bytes = 8 }, 0, 8, 16 },
	{ "collective", { .block_bytes = 8, .collective = 1 }, 0, 8, 16 },
	{ "preallocated", { .block_bytes = 8, .preallocate = 1 }, 0, 8, 16 },
	{ "a view that leaves out the other task",
	  { .block_bytes = 8, .file_view = 1 },
	  8,
	  16,
	  40 },
};

/* A name of one letter is on purpose: Open MPI needs help with it. */
static void test_round_trips(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(trips) / sizeof(trips[0]); i++) {
		struct open_request req = { .options = &trips[i].o,
					    .path = "f",
					    .write = true,
					    .file_bytes = 64,
					    .block_start = trips[i].block_start,
					    .segment_bytes = trips[i].segment_bytes };
		char data[8] = "";
		struct err err;
		void *f;
		FILE *plain;

		if (mpiio->open(&req, &f, &err) || mpiio->prepare(&req, f, &err) ||
		    mpiio->write(f, "12345678", 8, trips[i].offset, &err) || mpiio->sync(f, &err) ||
		    mpiio->read(f, data, 8, trips[i].offset, &err) || mpiio->close(f, &err))
			fail_msg("%s: %s", trips[i].why, err.text);
		assert_memory_equal(data, "12345678", 8);
		plain = fopen("f", "r");
		assert_non_null(plain);
		memset(data, 0, 8);
		fseek(plain, (long)trips[i].offset, SEEK_SET);
		if (fread(data, 1, 8, plain) != 8 || memcmp(data, "12345678", 8))
			fail_msg("%s: not at its offset", trips[i].why);
		fclose(plain);
		unlink("f");
	}
}

static void test_failures(void **state)
{
	struct ior_options o = { .block_bytes = 8 };
	struct open_request req = { .options = &o, .path = "none" };
	struct err err;
	char data[8];
	void *f;

	(void)state;
	assert_int_equal(mpiio->open(&req, &f, &err), -ENOENT);
	assert_non_null(strstr(err.text, "cannot open 'none' for reading: "));
	req.write = true;
	assert_int_equal(mpiio->open(&req, &f, &err), 0);
	assert_int_equal(mpiio->read(f, data, 8, 0, &err), -ENODATA);
	assert_non_null(strstr(err.text, "could only read 0 of 8 bytes at offset 0 of 'none'"));
	assert_int_equal(mpiio->close(f, &err), 0);
	assert_int_equal(mpiio->close(NULL, &err), 0);
	unlink("none");
}

static void test_version(void **state)
{
	char text[32] = "";

	(void)state;
	mpiio->version(text, sizeof(text));
	assert_true(text[0] == '(' && strchr(text, '.') && strchr(text, ')'));
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_version),
	};
	int rc;

	world_preset_env();
	MPI_Init(&argc, &argv);
	rc = cmocka_run_group_tests(tests, enter_dir, leave_dir);
	MPI_Finalize();
	return rc;
}
