// SPDX-License-Identifier: Apache-2.0
/* Archives that tar(1) itself reads. */
#include "launch/tar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "unit.h"

/* What @command prints when it is given the archive. */
static char *ask_tar(const struct buf *tar, const char *command)
{
	char path[] = "/tmp/cbpf-test-XXXXXX", line[128];
	struct buf out = BUF_INIT(1 << 16);
	int fd = mkstemp(path);
	size_t n;
	FILE *f;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, tar->data, tar->len), tar->len);
	close(fd);
	snprintf(line, sizeof(line), "tar --full-time --numeric-owner %s -f %s", command, path);
	f = popen(line, "r");
	assert_non_null(f);
	while ((n = fread(line, 1, sizeof(line), f)) > 0)
		assert_int_equal(buf_put(&out, line, n), 0);
	assert_int_equal(pclose(f), 0);
	unlink(path);
	return buf_steal(&out);
}

static void what_is_put_in_comes_out(void **state)
{
	cleanup_buf struct buf tar = BUF_INIT(1 << 16);
	cleanup_free char *list = NULL, *text = NULL;
	char block[512];

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_int_equal(tar_add(&tar, &(struct tar_entry){ "d/", 0755, 0, 0, NULL, 0 }), 0);
	assert_int_equal(tar_add(&tar, &(struct tar_entry){ "d/a", 0600, 1000, 7, "one\n", 4 }), 0);
	assert_int_equal(tar_add(&tar, &(struct tar_entry){ "d/none", 0644, 0, 0, "", 0 }), 0);
	assert_int_equal(tar_add(&tar, &(struct tar_entry){ "d/full", 04755, 0, 0, block, 512 }),
			 0);
	assert_int_equal(tar_end(&tar), 0);
	assert_int_equal(tar.len % 512, 0);
	list = ask_tar(&tar, "-tv");
	assert_non_null(strstr(list, "drwxr-xr-x 0/0"));
	assert_non_null(strstr(list, "-rw------- 1000/7"));
	assert_non_null(strstr(list, " 4 1970-01-01 00:00:00 d/a\n"));
	assert_non_null(strstr(list, " 0 1970-01-01 00:00:00 d/none\n"));
	assert_non_null(strstr(list, "-rwsr-xr-x 0/0"));
	text = ask_tar(&tar, "-xO d/a d/full");
	assert_int_equal(strlen(text), 516);
	assert_memory_equal(text, "one\nxxx", 7);
}

static void what_does_not_fit_is_refused(void **state)
{
	cleanup_buf struct buf tar = BUF_INIT(1 << 16), small = BUF_INIT(600);
	char name[101];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[100] = '\0';
	assert_int_equal(tar_add(&tar, &(struct tar_entry){ .path = name }), -ENAMETOOLONG);
	assert_int_equal(tar_add(&tar, &(struct tar_entry){ .path = "" }), -EINVAL);
	assert_int_equal(tar.len, 0);
	name[99] = '\0';
	assert_int_equal(tar_add(&tar, &(struct tar_entry){ .path = name }), 0);
	assert_int_equal(tar_add(&small, &(struct tar_entry){ "a", 0600, 0, 0, name, 99 }),
			 -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_in_comes_out),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
