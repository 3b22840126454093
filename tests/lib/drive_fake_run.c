// SPDX-License-Identifier: Apache-2.0
/* Leaves a run of known numbers behind for tests of the commands; prints where its store is. */
#include <stdio.h>

#include "fake_run.h"

int main(int argc, char **argv)
{
	struct fake_run r;

	fake_run_make(&r, argc > 1 ? argv[1] : NULL);
	puts(r.store_dir);
	return 0;
}
