// SPDX-License-Identifier: Apache-2.0
/* Phases of a tool that does not tell when they were, found by the bytes that each tick has. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/budget.h"
#include "unit.h"

#define TICKS 12
#define TICK_NS 100000000ull /* the first begins at 1 s */

/* Times are in ticks since the first began; a phase with an op of 0 is none. */
struct want {
	char op;
	double bytes, took; /* as the tool tells; bytes of 0: it does not */
	double from, to;
};

static const struct {
	const char *why;
	double writes[TICKS], reads[TICKS];
	struct want phases[4];
	const char *absent; /* words on the phase after those that are found */
} cases[] = {
	{ "one after the other",
	  { 0, 10, 50, 40 },
	  { 0, 0, 0, 0, 0, 60, 40 },
	  { { 'w', 100, 2.5, 1, 4 }, { 'r', 100, 1.8, 5, 7 } },
	  NULL },
	{ "repetitions in order",
	  { 0, 100, 0, 0, 100 },
	  { 0, 0, 100, 0, 0, 100 },
	  { { 'w', 100, 1, 1, 2 },
	    { 'r', 100, 1, 2, 3 },
	    { 'w', 100, 1, 4, 5 },
	    { 'r', 100, 1, 5, 6 } },
	  NULL },
	{ "two that write divide the tick in which one follows the other",
	  { 0, 75, 100, 25 },
	  { 0 },
	  { { 'w', 100, 1.1, 1, 2.25 }, { 'w', 100, 0.9, 2.25, 4 } },
	  NULL },
	{ "a file is synced after its bytes were written",
	  { 0, 100 },
	  { 0, 0, 0, 0, 0, 0, 100 },
	  { { 'w', 100, 4.5, 1, 5.5 }, { 'r', 100, 1, 6, 7 } },
	  NULL },
	{ "the phase that follows ends what a phase lasts",
	  { 0, 100 },
	  { 0, 0, 0, 100 },
	  { { 'w', 100, 4.5, 1, 3 }, { 'r', 100, 1, 3, 4 } },
	  NULL },
	{ "programs are read before",
	  { 0 },
	  { 3, 0, 0, 0, 50, 50 },
	  { { 'r', 100, 1.9, 4, 6 } },
	  NULL },
	{ "a little is missing", { 0, 50, 49.5 }, { 0 }, { { 'w', 100, 1.9, 1, 3 } }, NULL },
	{ "ranks elsewhere moved the rest",
	  { 0, 25, 25 },
	  { 0 },
	  { { 'w', 100, 1.9, 0, 0 } },
	  "write 0: its 100 B were not seen in the time that it took" },
	{ "the bytes took far longer than the phase",
	  { 0, 20, 20, 20, 20, 20 },
	  { 0 },
	  { { 'w', 100, 1, 0, 0 } },
	  "write 0: its 100 B were not seen in the time that it took" },
	{ "what was written is read twice, once for a check",
	  { 0, 100 },
	  { 0, 0, 0, 100, 0, 100 },
	  { { 'w', 100, 1, 1, 2 }, { 'r', 100, 1, 0, 0 } },
	  "read 0: as many bytes were moved at another time, too" },
	{ "a stonewalled test may not tell what it moved",
	  { 0, 100 },
	  { 0, 0, 0, 100 },
	  { { 'w', 100, 1, 1, 2 }, { 'r', 0, 1, 0, 0 } },
	  "read 0: the tool does not tell what it moved" },
	{ "how long is not known",
	  { 0, 100 },
	  { 1, 0, 0, 50, 50 },
	  { { 'w', 100, NAN, 1, 2 }, { 'r', 100, NAN, 3, 5 } },
	  NULL },
};

static uint64_t at(double ticks)
{
	return ticks > 0 ? 1000000000 + llround(ticks * TICK_NS) : 0;
}

static size_t put_phases(const struct want *want, struct phase *phases)
{
	size_t n = 0;

	for (; n < 4 && want[n].op; n++) {
		phases[n] = (struct phase){ .use = want[n].op == 'r' ? READS : WRITES,
					    .tool_bytes = want[n].bytes > 0 ? want[n].bytes : NAN,
					    .total_s = want[n].took * TICK_NS / 1e9 };
		strcpy(phases[n].op, want[n].op == 'r' ? "read" : "write");
	}
	return n;
}

static void phases_are_found_by_their_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup_buf struct buf why = BUF_INIT(1024);
		struct tick v[TICKS] = { 0 };
		struct ticks t = { .v = v, .n = TICKS };
		struct phase phases[4] = { 0 };
		size_t n = put_phases(cases[i].phases, phases), found;

		for (size_t k = 0; k < TICKS; k++) {
			v[k].from_ns = 1000000000 + k * TICK_NS;
			v[k].to_ns = v[k].from_ns + TICK_NS;
			v[k].calls[WRITES][BYTES] = cases[i].writes[k];
			v[k].calls[READS][BYTES] = cases[i].reads[k];
		}
		assert_int_equal(budget_find_phases(&t, phases, n, &found, &why), 0);
		if (strcmp(buf_str(&why), cases[i].absent ? cases[i].absent : ""))
			fail_msg("%s: says '%s'", cases[i].why, buf_str(&why));
		for (size_t k = 0; k < n; k++) {
			const struct want *want = &cases[i].phases[k];

			if ((k < found) != (want->to > 0))
				fail_msg("%s: %zu found", cases[i].why, found);
			if (k < found && (phases[k].from_ns != at(want->from) ||
					  phases[k].to_ns != at(want->to)))
				fail_msg("%s: phase %zu is from %.2f to %.2f", cases[i].why, k,
					 (phases[k].from_ns - 1e9) / TICK_NS,
					 (phases[k].to_ns - 1e9) / TICK_NS);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases_are_found_by_their_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
