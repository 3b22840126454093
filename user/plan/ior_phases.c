// SPDX-License-Identifier: Apache-2.0
/* An IOR workload as one invocation per phase, with a gate before each. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "plan/plan.h"

/*
 * As IOR decides: without any of -w -r -W -R it writes and reads. What was written before is
 * verified by a phase that reads, and what is written now with the write.
 */
static void decide(const struct spec_ior *ior, bool *ret_write, bool *ret_read)
{
	bool checks = ior->verify_write == FLAG_ON || ior->verify_read == FLAG_ON;
	bool told = ior->write == FLAG_ON || ior->read == FLAG_ON || checks;

	*ret_write = ior->write == FLAG_ON || (!told && ior->write != FLAG_OFF);
	*ret_read = ior->read == FLAG_ON || ior->verify_read == FLAG_ON ||
		    (ior->verify_write == FLAG_ON && !*ret_write) ||
		    (!told && ior->read != FLAG_OFF);
}

size_t plan_ior_phases(const struct spec_ior *ior)
{
	uint64_t repetitions = ior->repetitions == OPTION_UNSET ? 1 : ior->repetitions;
	bool write, read;

	decide(ior, &write, &read);
	return repetitions * (write + read);
}

struct plan_ior_phase plan_ior_phase(const struct spec_ior *ior, size_t k)
{
	bool write, read;
	size_t each;

	decide(ior, &write, &read);
	each = (size_t)write + (size_t)read;
	each = each ? each : 1;
	return (struct plan_ior_phase){ .write = write && k % each == 0,
					.repetition = k / each,
					.last = k % each == each - 1 };
}

int plan_ior_summary(const char *summary, size_t k, char *path, size_t size)
{
	const char *dot = strrchr(summary, '.');
	int stem = dot ? (int)(dot - summary) : (int)strlen(summary);

	return snprintf(path, size, "%.*s.%zu%s", stem, summary, k, dot ? dot : "") < (int)size
		       ? 0
		       : -ENAMETOOLONG;
}

int plan_ior_gate(const char *dir, size_t k, char *path, size_t size)
{
	return snprintf(path, size, "%s/gate.%zu", dir, k) < (int)size ? 0 : -ENAMETOOLONG;
}

static bool has_option(const struct spec_ior *ior, const char *option)
{
	for (size_t i = 0; i < ior->options.n; i++)
		if (!strncmp(ior->options.v[i], option, strlen(option)))
			return true;
	return false;
}

/* What reads must know of the write: where it was stopped, and what its data looks like. */
static int add_shared(struct str_list *argv, const struct spec_ior *ior,
		      const struct plan_ior_phase *phase, const char *gate_dir)
{
	bool checks = ior->verify_write == FLAG_ON || ior->verify_read == FLAG_ON;
	bool writes, reads;
	int rc = 0;

	decide(ior, &writes, &reads);
	/* Who reads what another workload has written has no file of it. */
	if (writes && ior->stonewall_s != OPTION_UNSET && ior->stonewall_s) {
		rc = str_list_add(argv, "-O");
		rc = rc ?: str_list_addf(argv, "stoneWallingStatusFile=%s/stonewall", gate_dir);
	}
	if (checks && !has_option(ior, "-G")) {
		rc = rc ?: str_list_add(argv, "-G");
		rc = rc ?: str_list_addf(argv, "%" PRIu64, phase->repetition + 1);
	}
	/* Its file is there, and is not to be made anew. */
	if (!phase->write)
		rc = rc ?: str_list_add(argv, "-E");
	return rc;
}

static int add_phase(const struct spec_ior *ior, const struct plan_ior *how, const char *gate_dir,
		     size_t k, struct str_list *argv, struct err *err)
{
	struct plan_ior_phase phase = plan_ior_phase(ior, k);
	struct spec_ior one = *ior; /* borrows all that it has */
	struct plan_ior its = *how;
	char summary[4096];
	bool writes, reads;
	int rc;

	one.repetitions = 1;
	one.delay_s = OPTION_UNSET;
	decide(ior, &writes, &reads);
	one.write = phase.write ? FLAG_ON : FLAG_OFF;
	if (phase.write) {
		one.read = FLAG_OFF;
		one.verify_read = FLAG_UNSET;
	} else {
		one.read = ior->verify_read == FLAG_ON || ior->verify_write == FLAG_ON ? ior->read
										       : FLAG_ON;
		if (writes)
			one.verify_write = FLAG_UNSET;
	}
	if (!phase.last)
		one.keep = FLAG_ON;
	if (how->summary_file) {
		rc = plan_ior_summary(how->summary_file, k, summary, sizeof(summary));
		if (rc)
			return err_set(err, rc, "planning IOR");
		its.summary_file = summary;
	}
	rc = plan_ior_argv(&one, &its, argv, err);
	if (!rc && add_shared(argv, ior, &phase, gate_dir))
		rc = err_set(err, -ENOMEM, "planning IOR");
	return rc;
}

/* As the shell takes it for itself. */
static void put_quoted(struct buf *b, const char *word)
{
	buf_puts(b, "'");
	for (; *word; word++) {
		if (*word == '\'')
			buf_puts(b, "'\\''");
		else
			buf_put(b, word, 1);
	}
	buf_puts(b, "'");
}

/*
 * Children run in the background, so that the shell, which may be a container's first process,
 * hears of a signal at once and passes it on.
 */
static const char prologue[] =
	"phase() {\n"
	"  go=\n"
	"  trap 'exit 143' TERM\n"
	"  read -r go < \"$1\" || :\n"
	"  [ \"$go\" = go ] || exit 143\n"
	"  shift\n"
	"  \"$@\" &\n"
	"  child=$!\n"
	"  trap 'kill -TERM $child' TERM\n"
	"  wait $child\n"
	"  status=$?\n"
	"  while kill -0 $child 2>/dev/null; do wait $child; status=$?; done\n"
	"  [ $status = 0 ] || exit $status\n"
	"}\n";

static int put_phase(const struct spec_ior *ior, const struct plan_ior *how, const char *gate_dir,
		     size_t k, struct buf *script, struct err *err)
{
	struct str_list words = { 0 };
	char gate[4096];
	int rc = plan_ior_gate(gate_dir, k, gate, sizeof(gate));

	rc = rc ? err_set(err, rc, "planning IOR") : add_phase(ior, how, gate_dir, k, &words, err);
	if (!rc) {
		buf_puts(script, "phase ");
		put_quoted(script, gate);
		for (size_t i = 0; i < words.n; i++) {
			buf_puts(script, " ");
			put_quoted(script, words.v[i]);
		}
		if (buf_puts(script, "\n"))
			rc = err_say(err, -E2BIG, "planning IOR: too many phases");
	}
	str_list_fini(&words);
	return rc;
}

int plan_ior_script(const struct spec_ior *ior, const struct plan_ior *how, const char *gate_dir,
		    struct buf *script, struct err *err)
{
	int rc = 0;

	if (buf_puts(script, prologue))
		return err_set(err, -ENOMEM, "planning IOR");
	for (size_t k = 0; !rc && k < plan_ior_phases(ior); k++)
		rc = put_phase(ior, how, gate_dir, k, script, err);
	return rc;
}
