// SPDX-License-Identifier: Apache-2.0
/*
 * Leaves a run of known numbers behind for tests of the commands, and prints
 * where its store is. As it is told: "complete", "killed" after two ticks,
 * "live" until standard input ends, or "full" when the disk is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "fake_run.h"

/* Ticks until one cannot be written; the words of that failure follow the store's place. */
static void fill(struct fake_run *r)
{
	struct err err = { 0 };

	fake_run_tick(r, 1);
	do
		r->frame.seq++;
	while (!store_put_frame(r->store, &r->frame, r->owners, &err));
	printf("%s\n%llu\n", err.text, (unsigned long long)r->frame.seq);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "complete";
	struct fake_run r;

	fake_run_begin(&r, NULL);
	/* Others may read it, as they may what cbpf makes. */
	if (chmod(r.root, 0755))
		return 1;
	puts(r.store_dir);
	fflush(stdout);
	if (!strcmp(how, "full")) {
		fill(&r);
		return 0;
	}
	fake_run_tick(&r, 0);
	fake_run_tick(&r, 1);
	while (!strcmp(how, "live") && getchar() != EOF)
		;
	if (strcmp(how, "complete"))
		_Exit(0); /* nothing is closed, as when killed */
	for (uint64_t seq = 2; seq < FAKE_TICKS; seq++)
		fake_run_tick(&r, seq);
	fake_run_end(&r, "ok");
	store_close(r.store);
	return 0;
}
