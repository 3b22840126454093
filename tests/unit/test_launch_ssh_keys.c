// SPDX-License-Identifier: Apache-2.0
/* Keys are made by the real ssh-keygen, are in no file afterwards, and are packed for their user. */
#include "launch/ssh_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "unit.h"

static void keys_are_made_and_leave_no_file(void **state)
{
	struct ssh_keys a = { 0 }, b = { 0 };
	struct err err = { 0 };
	glob_t left;

	(void)state;
	if (ssh_keys_make(&a, &err) || ssh_keys_make(&b, &err)) {
		print_message("%s\n", err.text);
		assert_int_equal(err.code, -ENOENT);
		skip();
	}
	assert_non_null(strstr(a.user, "PRIVATE KEY"));
	assert_non_null(strstr(a.host, "PRIVATE KEY"));
	assert_memory_equal(a.user_pub, "ssh-ed25519 ", 12);
	assert_memory_equal(a.host_pub, "ssh-ed25519 ", 12);
	/* Each has its own. */
	assert_string_not_equal(a.user, a.host);
	assert_string_not_equal(a.user, b.user);
	assert_string_not_equal(a.host, b.host);
	assert_int_equal(glob("/dev/shm/cbpf-ssh-*", 0, NULL, &left), GLOB_NOMATCH);
	ssh_keys_fini(&a);
	assert_null(a.user);
	ssh_keys_fini(&b);
	ssh_keys_fini(&b); /* once more does nothing */
}

static bool is_there(const char *dir)
{
	return !access(dir, F_OK);
}

/* What a killed one leaves nobody holds a lock on. */
static void what_is_left_is_swept_and_nothing_else(void **state)
{
	enum { LEFT, HELD, OPEN, LINK, N };
	struct buf report = BUF_INIT(4096);
	char dirs[N][40], file[64];
	struct ssh_keys keys = { 0 };
	struct err err = { 0 };
	int fd;

	(void)state;
	for (int i = 0; i < N; i++) {
		strcpy(dirs[i], i % 2 ? "/tmp/cbpf-ssh-XXXXXX" : "/dev/shm/cbpf-ssh-XXXXXX");
		if (!mkdtemp(dirs[i]))
			fail_msg("%s", dirs[i]);
		snprintf(file, sizeof(file), "%s/id", dirs[i]);
		assert_int_equal(fs_create_at(AT_FDCWD, file, "x", 1), 0);
	}
	fd = open(dirs[HELD], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(chmod(dirs[OPEN], 0755), 0);
	assert_int_equal(fs_remove_tree(dirs[LINK]), 0);
	assert_int_equal(symlink(dirs[OPEN], dirs[LINK]), 0);

	assert_int_equal(ssh_keys_sweep(true, &report, &err), 0);
	assert_non_null(strstr(buf_str(&report), "would remove ssh keys in "));
	assert_non_null(strstr(buf_str(&report), dirs[LEFT]));
	assert_true(is_there(dirs[LEFT]));
	buf_reset(&report);
	assert_int_equal(ssh_keys_sweep(false, &report, &err), 0);
	assert_non_null(strstr(buf_str(&report), dirs[LEFT]));
	assert_false(is_there(dirs[LEFT]));
	for (int i = HELD; i < N; i++) {
		assert_null(strstr(buf_str(&report), dirs[i]));
		assert_true(is_there(dirs[i]));
	}
	/* It is nobody's any more, and so it is when the next keys are made, if they can be. */
	close(fd);
	(void)ssh_keys_make(&keys, &err);
	ssh_keys_fini(&keys);
	assert_false(is_there(dirs[HELD]));
	assert_int_equal(unlink(dirs[LINK]), 0);
	assert_int_equal(fs_remove_tree(dirs[OPEN]), 0);
	buf_fini(&report);
}

static void without_ssh_keygen_it_says_what_is_missing(void **state)
{
	char *path = strdup(getenv("PATH"));
	struct ssh_keys keys = { 0 };
	struct err err = { 0 };

	(void)state;
	setenv("PATH", "/nowhere", 1);
	assert_int_equal(ssh_keys_make(&keys, &err), -ENOENT);
	setenv("PATH", path, 1);
	free(path);
	assert_non_null(strstr(err.text, "apt-get install openssh-client"));
	assert_null(keys.user);
}

/* The header of an entry in the archive, which begins with its name. */
static const char *entry(const struct buf *tar, const char *name)
{
	for (size_t at = 0; at + 512 <= tar->len; at += 512)
		if (!strcmp(tar->data + at, name))
			return tar->data + at;
	fail_msg("%s is not in the archive", name);
	return NULL;
}

static void they_are_packed_for_their_user(void **state)
{
	static const struct {
		const char *name, *mode, *text;
	} cases[] = {
		{ "etc/cbpf-ssh/id", "0000600", "U" },
		{ "etc/cbpf-ssh/host", "0000600", "H" },
		{ "etc/cbpf-ssh/authorized_keys", "0000644", "u" },
		{ "etc/cbpf-ssh/known_hosts", "0000644", "* h" },
		{ "etc/cbpf-ssh/config", "0000644", "Host *\n" },
		{ "etc/cbpf-ssh/sshd_config", "0000644", "HostKey /etc/cbpf-ssh/host\n" },
		{ "etc/cbpf-ssh/ssh", "0000755", "#!/bin/sh\n" },
	};
	const struct ssh_keys keys = { (char *)"U", (char *)"u", (char *)"H", (char *)"h" };
	cleanup_buf struct buf tar = BUF_INIT(1 << 16), small = BUF_INIT(2048);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(ssh_keys_pack(&keys, 1000, 8, &tar, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *h = entry(&tar, cases[i].name);

		assert_string_equal(h + 100, cases[i].mode);
		assert_string_equal(h + 108, "0001750");
		assert_string_equal(h + 116, "0000010");
		assert_memory_equal(h + 512, cases[i].text, strlen(cases[i].text));
	}
	/* Where they lie is root's: nobody puts another key there. */
	assert_string_equal(entry(&tar, "etc/cbpf-ssh/") + 108, "0000000");
	assert_string_equal(entry(&tar, "run/sshd/") + 108, "0000000");
	assert_int_equal(ssh_keys_pack(&keys, 0, 0, &small, &err), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_made_and_leave_no_file),
		cmocka_unit_test(what_is_left_is_swept_and_nothing_else),
		cmocka_unit_test(without_ssh_keygen_it_says_what_is_missing),
		cmocka_unit_test(they_are_packed_for_their_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
