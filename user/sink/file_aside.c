// SPDX-License-Identifier: Apache-2.0
/*
 * Who writes a file of lines: at its end, and only whole ones stay. What is there already, since an earlier
 * writer was ended before it could be noted, is compared with what is given and not written again.
 */
#include "sink/file_aside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "sink/file.h"
#include "sink/writer.h"

#define START_MAX 64 /* bytes of a line's beginning that are looked at */

struct place {
	const struct file_asked *asked;
	int fd; /* -1: a pipe that nobody has opened for reading yet */
	bool regular; /* has an end that can be moved */
	bool empty; /* when it was opened */
	off_t size, flushed; /* where it ends, and did at the last flush; of others: bytes taken */
	/* What is given next is looked for here, as of @from; -1: it goes to the end. */
	off_t match, from;
	struct err failed; /* what is given is dropped, until WRITER_BACK */
};

/* Offset after the last '\n' before @size; 0 when there is none. */
static int find_line(int fd, off_t size, off_t *ret)
{
	char block[65536];

	for (off_t end = size; end > 0;) {
		off_t begin = end > (off_t)sizeof(block) ? end - (off_t)sizeof(block) : 0;
		ssize_t n = pread(fd, block, end - begin, begin);
		const char *found;

		if (n != end - begin)
			return n < 0 ? -errno : -EIO;
		found = memrchr(block, '\n', n);
		if (found) {
			*ret = begin + (found - block) + 1;
			return 0;
		}
		end = begin;
	}
	*ret = 0;
	return 0;
}

/* Whether these first bytes of a line, which may be all there is of it, are one of @starts. */
static bool begins_well(const char *line, size_t len, const char *const *starts)
{
	for (; *starts; starts++) {
		size_t n = strlen(*starts);

		if (!memcmp(line, *starts, len < n ? len : n))
			return true;
	}
	return false;
}

#define TIME_LEN 21 /* a space, 19 digits and '\n': ns since the epoch, from 2001 to 2286 */

/* Whether what ends at @end does so in a time: a newline in a text does not. */
static bool ends_in_time(int fd, off_t end)
{
	char last[TIME_LEN];

	if (end < (off_t)sizeof(last) ||
	    pread(fd, last, sizeof(last), end - (off_t)sizeof(last)) != (ssize_t)sizeof(last))
		return false;
	for (size_t i = 1; i < sizeof(last) - 1; i++)
		if (last[i] < '0' || last[i] > '9')
			return false;
	return last[0] == ' ';
}

/* Where the last whole line before @end ends. */
static int find_whole(const struct place *p, off_t end, off_t *ret)
{
	int rc = find_line(p->fd, end, ret);

	while (!rc && p->asked->form->timed && *ret && !ends_in_time(p->fd, *ret))
		rc = find_line(p->fd, *ret - 1, ret);
	return rc;
}

static int cut_torn(struct place *p, struct err *err)
{
	char line[START_MAX];
	off_t whole;
	ssize_t n;
	int rc = find_whole(p, p->size, &whole);

	if (rc)
		return err_set(err, rc, "cannot read %s", p->asked->name);
	if (whole == p->size)
		return 0;
	n = pread(p->fd, line, sizeof(line), whole);
	if (n < 0)
		return err_set(err, -errno, "cannot read %s", p->asked->name);
	if (!begins_well(line, n, p->asked->form->starts))
		return err_say(
			err, -EEXIST,
			"cannot append to %s: its last line has no end and is none of cbpf's; "
			"give another file, or remove this one",
			p->asked->name);
	if (ftruncate(p->fd, whole))
		return err_set(err, -errno, "cannot cut the torn last line off %s", p->asked->name);
	p->size = whole;
	return 0;
}

static int prepare(struct place *p, struct err *err)
{
	struct stat st;
	int rc;

	if (fstat(p->fd, &st))
		return err_set(err, -errno, "cannot open %s", p->asked->name);
	p->regular = S_ISREG(st.st_mode);
	if (!p->regular)
		return 0;
	if (flock(p->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK
			       ? err_say(err, -EBUSY,
					 "cannot write %s: another program has locked it; wait for "
					 "it, or give another file",
					 p->asked->name)
			       : err_set(err, -errno, "cannot lock %s", p->asked->name);
	if (!p->asked->append && ftruncate(p->fd, 0))
		return err_set(err, -errno, "cannot empty %s", p->asked->name);
	p->size = p->asked->append ? st.st_size : 0;
	rc = cut_torn(p, err);
	p->flushed = p->size;
	p->empty = !p->size;
	return rc;
}

static int open_place(struct place *p, struct err *err)
{
	const char *path = p->asked->path;
	struct stat st;
	bool known = !stat(path, &st);

	p->fd = p->match = -1;
	p->empty = true;
	/* That waits until somebody reads it: not before there is something to read. */
	if (known && S_ISFIFO(st.st_mode)) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* who waits so hears nothing else */
		return 0;
	}
	/* A regular file is read, too. */
	p->fd = known && !S_ISREG(st.st_mode)
			? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
			: open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
	if (p->fd < 0 && (errno == EACCES || errno == EINVAL))
		p->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return p->fd < 0 ? err_set(err, -errno, "cannot write %s", p->asked->name)
			 : prepare(p, err);
}

/* As it was at the last flush. */
static void drop(struct place *p)
{
	if (p->regular && p->size > p->flushed && !ftruncate(p->fd, p->flushed))
		p->size = p->flushed;
}

static void fail(struct place *p, int code)
{
	err_set(&p->failed, code, "cannot write %s", p->asked->name);
	drop(p);
}

static void append(struct place *p, const char *data, size_t len)
{
	size_t done = 0;

	if (p->fd < 0 && (p->fd = open(p->asked->path, O_WRONLY | O_CLOEXEC)) < 0) {
		fail(p, -errno);
		return;
	}
	while (done < len) {
		ssize_t n = p->regular ? pwrite(p->fd, data + done, len - done, p->size)
				       : write(p->fd, data + done, len - done);

		if (n <= 0) {
			fail(p, n ? -errno : -EIO);
			return;
		}
		done += n;
		p->size += n;
	}
}

/* What was the same of a line that then differs is copied: it is another's. */
static void part(struct place *p)
{
	char block[65536];
	off_t at;
	int rc = find_whole(p, p->match, &at);

	if (rc) {
		fail(p, rc);
		return;
	}
	if (at < p->from)
		at = p->from;
	while (at < p->match && !p->failed.code) {
		size_t len = p->match - at;
		ssize_t n = pread(p->fd, block, len < sizeof(block) ? len : sizeof(block), at);

		if (n <= 0)
			fail(p, n ? -errno : -EIO);
		else
			append(p, block, n);
		at += n;
	}
}

/* How many of these bytes are there already. */
static size_t find_same(struct place *p, const char *data, size_t len)
{
	static char there[WRITER_DATA_MAX];
	size_t left = p->size - p->match, n = len < left ? len : left;
	size_t same = 0;
	ssize_t got;

	/* Of a pipe only how many were taken is known. */
	if (p->regular) {
		got = pread(p->fd, there, n, p->match);
		if (got != (ssize_t)n) {
			fail(p, got < 0 ? -errno : -EIO);
			return 0;
		}
		while (same < n && there[same] == data[same])
			same++;
	} else {
		same = n;
	}
	p->match += same;
	if (same < n)
		part(p);
	if (same < n || p->match == p->size)
		p->match = -1;
	return same;
}

static void take(struct place *p, const char *data, size_t len)
{
	size_t same = p->match >= 0 && !p->failed.code ? find_same(p, data, len) : 0;

	if (!p->failed.code)
		append(p, data + same, len - same);
}

static void back(struct place *p, int64_t position)
{
	drop(p);
	p->failed = (struct err){ 0 };
	p->match = p->from = position >= 0 && position < p->size ? position : -1;
}

static void flush(struct place *p, uint32_t number)
{
	struct writer_answer a = { .number = number, .regular = p->regular };

	if (!p->failed.code && p->regular && fsync(p->fd))
		fail(p, -errno);
	a.code = p->failed.code;
	if (!a.code)
		p->flushed = p->size;
	a.position = p->match >= 0 ? p->match : p->size;
	writer_say(&a, a.code ? &p->failed : NULL);
}

void file_aside(void *asked)
{
	static char data[WRITER_DATA_MAX + 1];
	struct place p = { .asked = asked };
	struct writer_answer hello = { 0 };
	struct writer_ask a;
	struct err err = { 0 };
	size_t len;

	hello.code = open_place(&p, &err);
	hello.regular = p.regular;
	hello.empty = p.empty;
	hello.position = p.size;
	if (!hello.code) {
		cleanup_free char *path = realpath(p.asked->path, NULL);

		if (path && strlen(path) < sizeof(hello.text))
			strcpy(hello.text, path);
	}
	writer_say(&hello, hello.code ? &err : NULL);
	if (hello.code)
		return;
	while (writer_next(&a, data, &len)) {
		switch (a.kind) {
		case WRITER_DATA: take(&p, data, len); break;
		case WRITER_FLUSH: flush(&p, a.number); break;
		case WRITER_BACK: back(&p, a.position); break;
		}
	}
	/* What was not flushed is given again by the next: else it would be there twice. */
	drop(&p);
}
