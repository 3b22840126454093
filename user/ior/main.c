// SPDX-License-Identifier: Apache-2.0
/* cbpf-ior: an IOR-compatible MPI program, bundled so that IOR runs anywhere. */
#include <errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "ior/help.h"
#include "ior/options.h"
#include "ior/session.h"
#include "ior/world.h"

#define MAX_COMMAND_BYTES (64 * 1024)

struct warnings {
	const struct world *world;
	int n;
};

static void print_warning(void *ctx, const char *text)
{
	struct warnings *w = ctx;

	w->n++;
	if (w->world->rank == 0)
		fprintf(stderr, "WARNING: %s\n", text);
}

static int run(const struct ior_options *o, const struct world *w, int argc, char *const argv[],
	       struct err *err)
{
	cleanup_buf struct buf command = BUF_INIT(MAX_COMMAND_BYTES);
	struct session s;
	struct err close_err;
	int rc, close_rc;

	for (int i = 0; i < argc; i++)
		buf_printf(&command, "%s%s", i ? " " : "", argv[i]);
	rc = session_init(&s, o, w, buf_str(&command), err);
	if (!rc)
		rc = session_run(&s, err);
	close_rc = session_close(&s, rc ? &close_err : err);
	return world_agree(w, rc ? rc : close_rc, err);
}

/* Options are the same on every rank, so all come to the same conclusion. */
static int start(const struct world *w, struct ior_options *o, int argc, char *const argv[],
		 struct err *err)
{
	struct warnings warnings = { .world = w };
	int rc = ior_options_parse(o, argc, argv, err);

	if (rc)
		return rc;
	if (o->help) {
		if (w->rank == 0)
			ior_help(stdout);
		return 0;
	}
	rc = ior_options_check(o, print_warning, &warnings, err);
	if (!rc && warnings.n && o->warnings_fail)
		rc = err_say(err, -EINVAL, "a warning ends the run (--warningAsErrors)");
	return rc ? rc : run(o, w, argc, argv, err);
}

int main(int argc, char *argv[])
{
	struct ior_options options;
	struct err err = { 0 };
	struct world world;
	int rc;

	/* The build asks for it, where MPI may not run. */
	if (argc == 2 && !strcmp(argv[1], "--man")) {
		ior_man(stdout);
		return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	world_preset_env();
	if (MPI_Init(&argc, &argv)) {
		fputs("ERROR: MPI does not start\n", stderr);
		return EXIT_FAILURE;
	}
	rc = world_init(&world, &err);
	if (!rc) {
		rc = start(&world, &options, argc, argv, &err);
		ior_options_fini(&options);
	}
	if (rc && world.rank == 0)
		fprintf(stderr, "ERROR: %s\n", err.text);
	fflush(NULL);
	MPI_Finalize();
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
