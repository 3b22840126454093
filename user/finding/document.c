// SPDX-License-Identifier: Apache-2.0
/* Writing the document of findings. */
#include "finding/document.h"

#include "base/buf.h"
#include "finding/finding.h"

static const char head[] =
	"# Findings\n"
	"\n"
	"Why a run was slow, or says less than it seems to: rules over the report of one run, told "
	"in\n"
	"`cbpf report` (alone with `--findings-only`), in its JSON as `findings`, in the table "
	"`finding`\n"
	"and to sinks as `cbpf_finding`. Made by `cbpf help --findings` from the program's own "
	"table.\n"
	"\n"
	"Each has what was seen, with numbers; why that matters; what to do; how sure it is; and "
	"as\n"
	"`evidence` the numbers again, the thresholds, and a query (`rows`) that shows them in the "
	"run's\n"
	"database, where `?1` is the target's id. A rule whose input is absent says so under\n"
	"`not_judged`: it is never silent for want of data. Tests of one script are judged apart. "
	"Of "
	"a workload\n"
	"whose ranks ran in other containers, what these did together is judged where a rule is of "
	"what the\n"
	"tool did. Thresholds are set in a spec:\n"
	"\n"
	"    findings: {cache-reads.ratio: 0.2, few-reps.repetitions: 5}\n"
	"\n"
	"Those marked (D) are Drishti's; the others are starting points. "
	"[EXPECTED.md](EXPECTED.md) argues\n"
	"which of them are told of the ready specs, and why.\n";

int findings_document(struct buf *out)
{
	(void)buf_puts(out, head); /* @out keeps a failure */
	for (const struct finding_rule *const *r = finding_rules; *r; r++) {
		(void)buf_printf(out, "\n## %s\n\n%s, of %s: %s.\n\n%s\n", (*r)->id, (*r)->severity,
				 (*r)->scope == FINDING_RUN ? "the run" : "a container",
				 (*r)->title, (*r)->why);
		for (const struct finding_threshold *t = (*r)->thresholds; t->name; t++)
			(void)buf_printf(out, "%s- `%s.%s`: %.10g %s; %s\n",
					 t == (*r)->thresholds ? "\n" : "", (*r)->id, t->name,
					 t->preset, t->unit, t->help);
		(void)buf_printf(out, "\nWhat to do: %s.\n", (*r)->advice);
	}
	return out->failed;
}
