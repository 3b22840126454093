// SPDX-License-Identifier: Apache-2.0
/* Backend MPIIO: MPI_File calls, independent or collective. */
#include <errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "ior/backend.h"
#include "ior/hints.h"
#include "ior/options.h"

struct mpiio_file {
	MPI_File fh;
	bool collective;
	bool view;
	uint64_t block_bytes, block_start, segment_bytes; /* for the view */
	char path[]; /* for messages */
};

static void mpiio_version(char *text, size_t size)
{
	int major = 0, minor = 0;

	MPI_Get_version(&major, &minor);
	snprintf(text, size, "(%d.%d)", major, minor);
}

/* The nearest errno to an MPI error class. */
static int errno_of(int code)
{
	int class = MPI_ERR_OTHER;

	MPI_Error_class(code, &class);
	switch (class) {
	case MPI_ERR_NO_SUCH_FILE: return -ENOENT;
	case MPI_ERR_ACCESS: return -EACCES;
	case MPI_ERR_NO_SPACE: return -ENOSPC;
	case MPI_ERR_QUOTA: return -EDQUOT;
	case MPI_ERR_READ_ONLY: return -EROFS;
	case MPI_ERR_BAD_FILE: return -EINVAL;
	default: return -EIO;
	}
}

static int open_failed(int code, const struct open_request *req, struct err *err)
{
	char text[MPI_MAX_ERROR_STRING] = "";
	int len = 0;

	MPI_Error_string(code, text, &len);
	return err_say(err, errno_of(code), "cannot open '%s' for %s: %s", req->path,
		       req->write ? "writing" : "reading", text);
}

static int mpi_failed(int code, const char *what, const char *path, struct err *err)
{
	char text[MPI_MAX_ERROR_STRING] = "";
	int len = 0;

	MPI_Error_string(code, text, &len);
	return err_say(err, errno_of(code), "cannot %s '%s': %s", what, path, text);
}

/* Only this task's blocks are visible, back to back. */
static int set_view(struct mpiio_file *f, const struct open_request *req, struct err *err)
{
	MPI_Datatype block, spaced;
	int code;

	MPI_Type_contiguous((int)req->options->block_bytes, MPI_BYTE, &block);
	MPI_Type_create_resized(block, 0, (MPI_Aint)req->segment_bytes, &spaced);
	MPI_Type_commit(&spaced);
	code = MPI_File_set_view(f->fh, (MPI_Offset)req->block_start, MPI_BYTE, spaced, "native",
				 MPI_INFO_NULL);
	MPI_Type_free(&spaced);
	MPI_Type_free(&block);
	f->view = true;
	return code ? mpi_failed(code, "set a view on", f->path, err) : 0;
}

static int mpiio_prepare(const struct open_request *req, void *file, struct err *err)
{
	struct mpiio_file *f = file;
	int code;

	if (req->write && req->options->preallocate) {
		code = MPI_File_preallocate(f->fh, (MPI_Offset)req->file_bytes);
		if (code)
			return mpi_failed(code, "preallocate", f->path, err);
	}
	return req->options->file_view ? set_view(f, req, err) : 0;
}

static int mpiio_open(const struct open_request *req, void **ret_file, struct err *err)
{
	int mode = req->write ? MPI_MODE_CREATE | MPI_MODE_RDWR : MPI_MODE_RDONLY;
	MPI_Comm comm = req->shared ? MPI_COMM_WORLD : MPI_COMM_SELF;
	/* OMPIO fails on a name of one letter that has no directory. */
	const char *dir = strpbrk(req->path, "/:") ? "" : "./";
	struct mpiio_file *f = calloc(1, sizeof(*f) + strlen(req->path) + 1);
	cleanup_free char *name = NULL;
	MPI_Info info = MPI_INFO_NULL;
	int code, rc;

	if (!f || asprintf(&name, "%s%s", dir, req->path) < 0) {
		free(f);
		name = NULL;
		return err_set(err, -ENOMEM, "opening '%s'", req->path);
	}
	strcpy(f->path, req->path);
	f->collective = req->options->collective;
	f->block_bytes = req->options->block_bytes;
	f->block_start = req->block_start;
	f->segment_bytes = req->segment_bytes;
	rc = hints_load(req->options->hints_file, &info, err);
	if (rc) {
		free(f);
		return rc;
	}
	code = MPI_File_open(comm, name, mode, info, &f->fh);
	if (info != MPI_INFO_NULL)
		MPI_Info_free(&info);
	if (code) {
		rc = open_failed(code, req, err);
		free(f);
		return rc;
	}
	if (req->options->show_hints)
		hints_print(f->fh, f->path);
	*ret_file = f;
	return 0;
}

static MPI_Offset position(const struct mpiio_file *f, uint64_t offset)
{
	if (!f->view)
		return (MPI_Offset)offset;
	offset -= f->block_start;
	return (MPI_Offset)(offset / f->segment_bytes * f->block_bytes + offset % f->segment_bytes);
}

/* MPI reports a short transfer through the status only. */
static int check_count(const struct mpiio_file *f, const MPI_Status *status, const char *what,
		       size_t len, uint64_t offset, struct err *err)
{
	int n = 0;

	MPI_Get_count(status, MPI_BYTE, &n);
	if (n == (int)len)
		return 0;
	return err_say(err, -ENODATA,
		       "could only %s %d of %zu bytes at offset %llu of '%s'; is the file long "
		       "enough, is there space?",
		       what, n, len, (unsigned long long)offset, f->path);
}

static int mpiio_write(void *file, const void *data, size_t len, uint64_t offset, struct err *err)
{
	struct mpiio_file *f = file;
	MPI_Offset at = position(f, offset);
	MPI_Status status;
	int code;

	if (f->collective)
		code = MPI_File_write_at_all(f->fh, at, data, (int)len, MPI_BYTE, &status);
	else
		code = MPI_File_write_at(f->fh, at, data, (int)len, MPI_BYTE, &status);
	if (code)
		return mpi_failed(code, "write", f->path, err);
	return check_count(f, &status, "write", len, offset, err);
}

static int mpiio_read(void *file, void *data, size_t len, uint64_t offset, struct err *err)
{
	struct mpiio_file *f = file;
	MPI_Offset at = position(f, offset);
	MPI_Status status;
	int code;

	if (f->collective)
		code = MPI_File_read_at_all(f->fh, at, data, (int)len, MPI_BYTE, &status);
	else
		code = MPI_File_read_at(f->fh, at, data, (int)len, MPI_BYTE, &status);
	if (code)
		return mpi_failed(code, "read", f->path, err);
	return check_count(f, &status, "read", len, offset, err);
}

static int mpiio_sync(void *file, struct err *err)
{
	struct mpiio_file *f = file;
	int code = MPI_File_sync(f->fh);

	return code ? mpi_failed(code, "sync", f->path, err) : 0;
}

static int mpiio_close(void *file, struct err *err)
{
	struct mpiio_file *f = file;
	int code, rc = 0;

	if (!f)
		return 0;
	code = MPI_File_close(&f->fh);
	if (code)
		rc = mpi_failed(code, "close", f->path, err);
	free(f);
	return rc;
}

const struct backend backend_mpiio = {
	.name = "MPIIO",
	.version = mpiio_version,
	.open = mpiio_open,
	.prepare = mpiio_prepare,
	.meets = true,
	.write = mpiio_write,
	.read = mpiio_read,
	.sync = mpiio_sync,
	.close = mpiio_close,
};

const struct backend *backend_of(const struct ior_options *o)
{
	return o->api == IOR_MPIIO ? &backend_mpiio : &backend_posix;
}
