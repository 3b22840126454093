// SPDX-License-Identifier: Apache-2.0
/* Files below another root: links stay there, and only files are opened. */
#include "symbol/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "scratch.h"
#include "unit.h"

static char dir[64], inside[96];
static int root;

static void link_to(const char *target, const char *name)
{
	assert_int_equal(symlinkat(target, root, name), 0);
}

static int setup(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	cleanup_close int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	scratch_make(dir);
	snprintf(inside, sizeof(inside), "%s/root", dir);
	scratch_write(dir, "file", "outside");
	scratch_write(dir, "secret", "outside");
	scratch_write(dir, "root/file", "inside");
	scratch_write(dir, "root/sub/file", "below");
	root = open(inside, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	link_to("/file", "absolute");
	link_to("../../file", "sub/up");
	link_to("/sub", "directory");
	link_to("/secret", "out");
	link_to("loop", "loop");
	link_to("/pipe", "to-pipe");
	assert_int_equal(mkfifoat(root, "pipe", 0644), 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", inside);
	assert_int_equal(bind(sock, (struct sockaddr *)&address, sizeof(address)), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(root);
	return fs_remove_tree(dir);
}

static void below(void **state)
{
	static const struct {
		const char *label, *path, *want;
		int rc;
	} cases[] = {
		{ "an absolute path", "/file", "inside", 0 },
		{ "a relative one", "sub/file", "below", 0 },
		{ "an absolute link begins at the root", "/absolute", "inside", 0 },
		{ "a link up stops at the root", "/sub/up", "inside", 0 },
		{ "a path up, too", "/../../file", "inside", 0 },
		{ "through a directory that is a link", "/directory/file", "below", 0 },
		{ "what is only outside is not there", "/out", NULL, -ENOENT },
		{ "no file", "/nothing", NULL, -ENOENT },
		{ "no path", "", NULL, -ENOENT },
		{ "a link to itself", "/loop", NULL, -ELOOP },
		{ "a directory", "/sub", NULL, -EINVAL },
		{ "a FIFO does not hang us", "/pipe", NULL, -EINVAL },
		{ "nor behind a link", "/to-pipe", NULL, -EINVAL },
		{ "a socket", "/socket", NULL, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[16] = "";
		cleanup_close int fd = root_open(root, cases[i].path);

		if (fd < 0 ? fd != cases[i].rc
			   : cases[i].rc || read(fd, text, sizeof(text) - 1) < 0 ||
				     strcmp(text, cases[i].want) != 0)
			fail_msg("%s: %d '%s'", cases[i].label, fd, text);
	}
}

static void special_files(void **state)
{
	cleanup_close int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(root_open(top, "/dev/null"), -EINVAL);
	/* That of /proc leads out of any root. */
	assert_int_equal(root_open(top, "/proc/self/exe"), -ELOOP);
	assert_int_equal(root_open(-1, "file"), -EBADF);
}

static void how_it_is_open(void **state)
{
	cleanup_close int fd = root_open(root, "/file");

	(void)state;
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below),
		cmocka_unit_test(special_files),
		cmocka_unit_test(how_it_is_open),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
