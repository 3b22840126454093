// SPDX-License-Identifier: Apache-2.0
/* Lines are written whole: a failure or an early end leaves the file as it was flushed last. */
#include "sink/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

#define WRITE_AT (256 << 10) /* bytes */
#define BUF_MAX (4 << 20) /* bytes: a line is far shorter */
#define START_MAX 64 /* bytes of a line's beginning that are looked at */

struct sink_file {
	int fd;
	bool regular; /* has an end that can be moved */
	char *path;
	off_t flushed, size;
	bool empty;
	struct buf buf;
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

/* Where the last whole line ends. */
static int find_whole(const struct sink_file *f, bool timed, off_t *ret)
{
	int rc = find_line(f->fd, f->size, ret);

	while (!rc && timed && *ret && !ends_in_time(f->fd, *ret))
		rc = find_line(f->fd, *ret - 1, ret);
	return rc;
}

static int cut_torn(struct sink_file *f, const struct sink_file_form *form, struct err *err)
{
	char line[START_MAX];
	off_t whole;
	ssize_t n;
	int rc = find_whole(f, form->timed, &whole);

	if (rc)
		return err_set(err, rc, "cannot read %s", f->path);
	if (whole == f->size)
		return 0;
	n = pread(f->fd, line, sizeof(line), whole);
	if (n < 0)
		return err_set(err, -errno, "cannot read %s", f->path);
	if (!begins_well(line, n, form->starts))
		return err_say(
			err, -EEXIST,
			"cannot append to %s: its last line has no end and is none of cbpf's; "
			"give another file, or remove this one",
			f->path);
	if (ftruncate(f->fd, whole))
		return err_set(err, -errno, "cannot cut the torn last line off %s", f->path);
	f->size = whole;
	return 0;
}

static int prepare(struct sink_file *f, bool append, const struct sink_file_form *form,
		   struct err *err)
{
	struct stat st;
	int rc;

	if (fstat(f->fd, &st))
		return err_set(err, -errno, "cannot open %s", f->path);
	f->regular = S_ISREG(st.st_mode);
	f->empty = true;
	if (!f->regular)
		return 0;
	if (flock(f->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK
			       ? err_say(err, -EBUSY,
					 "cannot write %s: another program has locked it; wait for "
					 "it, or give another file",
					 f->path)
			       : err_set(err, -errno, "cannot lock %s", f->path);
	if (!append && ftruncate(f->fd, 0))
		return err_set(err, -errno, "cannot empty %s", f->path);
	f->size = append ? st.st_size : 0;
	rc = cut_torn(f, form, err);
	f->flushed = f->size;
	f->empty = !f->size;
	return rc;
}

int sink_file_open(const char *path, bool append, const struct sink_file_form *form,
		   struct sink_file **ret, struct err *err)
{
	struct sink_file *f = calloc(1, sizeof(*f));
	struct stat st;
	char *absolute;
	int rc;

	if (!f || !(f->path = strdup(path))) {
		free(f);
		return err_set(err, -ENOMEM, "cannot open %s", path);
	}
	f->buf.max = BUF_MAX;
	/* A regular file is read, too; a pipe must not be, since its reader would be we. */
	f->fd = !stat(path, &st) && !S_ISREG(st.st_mode)
			? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
			: open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
	if (f->fd < 0 && (errno == EACCES || errno == EINVAL))
		f->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	rc = f->fd < 0 ? err_set(err, -errno, "cannot write %s", path)
		       : prepare(f, append, form, err);
	if (rc) {
		f->regular = false; /* nothing of it is ours */
		sink_file_close(f);
		return rc;
	}
	absolute = realpath(path, NULL);
	if (absolute) {
		free(f->path);
		f->path = absolute;
	}
	*ret = f;
	return 0;
}

const char *sink_file_path(const struct sink_file *f)
{
	return f->path;
}

bool sink_file_is_empty(const struct sink_file *f)
{
	return f->empty;
}

struct buf *sink_file_buf(struct sink_file *f)
{
	return &f->buf;
}

static int take_back(struct sink_file *f, int code, struct err *err)
{
	buf_reset(&f->buf);
	if (f->regular && !ftruncate(f->fd, f->flushed))
		f->size = f->flushed;
	return err_set(err, code, "cannot write %s", f->path);
}

static int write_out(struct sink_file *f, struct err *err)
{
	size_t done = 0;

	if (f->buf.failed)
		return take_back(f, f->buf.failed, err);
	while (done < f->buf.len) {
		ssize_t n = f->regular
				    ? pwrite(f->fd, f->buf.data + done, f->buf.len - done, f->size)
				    : write(f->fd, f->buf.data + done, f->buf.len - done);

		if (n < 0 && errno == EINTR && f->regular)
			continue; /* a pipe may be waited for without end: Ctrl-C ends that */
		if (n <= 0)
			return take_back(f, n ? -errno : -EIO, err);
		done += n;
		f->size += n;
	}
	buf_reset(&f->buf);
	return 0;
}

int sink_file_put(struct sink_file *f, struct err *err)
{
	return f->buf.failed || f->buf.len >= WRITE_AT ? write_out(f, err) : 0;
}

int sink_file_flush(struct sink_file *f, struct err *err)
{
	int rc = write_out(f, err);

	if (rc)
		return rc;
	if (f->regular && fsync(f->fd))
		return take_back(f, -errno, err);
	f->flushed = f->size;
	return 0;
}

void sink_file_close(struct sink_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0) {
		/* What is not flushed is put again by the next delivery: here it is dropped. */
		if (f->regular && f->size > f->flushed)
			(void)ftruncate(f->fd, f->flushed); /* else it is there twice */
		close(f->fd);
	}
	buf_fini(&f->buf);
	free(f->path);
	free(f);
}
