// SPDX-License-Identifier: Apache-2.0
/* The command line of an IOR workload, for IOR 3.3 and 4.x alike. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "plan/plan.h"

struct number_option {
	const char *flag;
	size_t offset;
};

struct switch_option {
	const char *arg;
	size_t offset;
};

#define AT(field) offsetof(struct spec_ior, field)
static const struct number_option numbers[] = {
	{ "-t", AT(transfer) },	   { "-b", AT(block) },	      { "-s", AT(segments) },
	{ "-i", AT(repetitions) }, { "-D", AT(stonewall_s) }, { "-d", AT(delay_s) },
};

static const struct switch_option switches[] = {
	{ "-W", AT(verify_write) },
	{ "-R", AT(verify_read) },
	{ "-F", AT(file_per_process) },
	{ "-c", AT(collective) },
	{ "-C", AT(reorder) },
	{ "-z", AT(random) },
	{ "-e", AT(fsync) },
	{ "-Y", AT(fsync_per_write) },
	{ "-k", AT(keep) },
	{ "-g", AT(barriers) },
	{ "--posix.odirect", AT(odirect) },
};
#undef AT

/* The words of a launcher: quotes group, a backslash takes the next character as it is. */
static int add_words(struct str_list *argv, const char *text, struct err *err)
{
	cleanup_buf struct buf word = BUF_INIT(65536);
	bool in_word = false;
	char quote = 0;

	for (; *text || in_word; text++) {
		if (!*text || (!quote && strchr(" \t\n", *text))) {
			if (quote)
				return err_say(err, -EINVAL, "launcher: a quote is not closed");
			if (in_word && str_list_add(argv, buf_str(&word)))
				return err_set(err, -ENOMEM, "launcher");
			buf_reset(&word);
			in_word = false;
			if (!*text)
				break;
			continue;
		}
		in_word = true;
		if (quote ? *text == quote : *text == '\'' || *text == '"') {
			quote = quote ? 0 : *text;
			continue;
		}
		if (*text == '\\' && quote != '\'' && text[1])
			text++;
		if (buf_put(&word, text, 1))
			return err_say(err, -EINVAL, "launcher: a word is too long");
	}
	return 0;
}

/* Failures of the list are -ENOMEM only; the caller adds the first up. */
static int add_pair(struct str_list *argv, const char *flag, const char *value)
{
	int rc = str_list_add(argv, flag);

	return rc ? rc : str_list_add(argv, value);
}

static int add_hosts(struct str_list *argv, const struct spec_ior *ior, const char *name)
{
	cleanup_buf struct buf hosts = BUF_INIT(65536);
	int rc;

	for (size_t i = 0; i < ior->hosts.n; i++)
		(void)buf_printf(&hosts, "%s%s", i ? "," : "", ior->hosts.v[i]);
	if (hosts.failed)
		return hosts.failed;
	rc = add_pair(argv, "--host", buf_str(&hosts));
	/* Ranks on other hosts inherit nothing by themselves. */
	for (size_t i = 0; !rc && i < ior->env.n; i++)
		rc = add_pair(argv, "-x", ior->env.v[i].key);
	if (name)
		rc = rc ?: str_list_add(argv, "-x");
	if (name)
		rc = rc ?: str_list_addf(argv, PLAN_WORKLOAD_ENV "=%s", name);
	return rc;
}

/*
 * Open MPI. More ranks than cores are usual here. Its shared memory transport
 * copies through process_vm_readv(2), which containers refuse: that is off.
 */
static int add_mpirun(struct str_list *argv, const struct spec_ior *ior, const struct plan_ior *how)
{
	uint64_t ranks = ior->ranks == OPTION_UNSET ? 1 : ior->ranks;
	int rc = str_list_add(argv, how->mpirun ? how->mpirun : "mpirun");

	rc = rc ?: str_list_add(argv, "-np");
	rc = rc ?: str_list_addf(argv, "%" PRIu64, ranks);
	rc = rc ?: str_list_add(argv, "--oversubscribe");
	rc = rc ?: add_pair(argv, "--bind-to", "none");
	if (how->as_root)
		rc = rc ?: str_list_add(argv, "--allow-run-as-root");
	rc = rc ?: add_pair(argv, "--mca", "btl_vader_single_copy_mechanism");
	rc = rc ?: str_list_add(argv, "none");
	if (ior->hosts.n)
		rc = rc ?: add_hosts(argv, ior, how->name);
	return rc;
}

static int add_launcher(struct str_list *argv, const struct spec_ior *ior,
			const struct plan_ior *how, struct err *err)
{
	bool many = ior->ranks != OPTION_UNSET && ior->ranks > 1;
	int rc = 0;

	if (ior->launcher)
		rc = add_words(argv, ior->launcher, err);
	else if (many || ior->hosts.n || ior->mpirun.n)
		rc = add_mpirun(argv, ior, how) ? err_set(err, -ENOMEM, "planning mpirun") : 0;
	if (!rc && str_list_copy(argv, &ior->mpirun))
		rc = err_set(err, -ENOMEM, "planning mpirun");
	return rc;
}

/*
 * IOR writes and reads unless told one of -w -r -W -R: saying that one of write
 * and read is off has to become the other one's flag.
 */
static int add_phases(struct str_list *argv, const struct spec_ior *ior)
{
	bool checks = ior->verify_write == FLAG_ON || ior->verify_read == FLAG_ON;
	bool write = ior->write == FLAG_ON, read = ior->read == FLAG_ON;
	int rc = 0;

	if (!checks && ior->write == FLAG_UNSET && ior->read == FLAG_OFF)
		write = true;
	if (!checks && ior->read == FLAG_UNSET && ior->write == FLAG_OFF)
		read = true;
	if (write)
		rc = str_list_add(argv, "-w");
	if (read)
		rc = rc ?: str_list_add(argv, "-r");
	return rc;
}

int plan_ior_ranks(const char *summary, char *path, size_t size)
{
	const char *dot = strrchr(summary, '.');
	int stem = dot ? (int)(dot - summary) : (int)strlen(summary);

	return snprintf(path, size, "%.*s.ranks.csv", stem, summary) < (int)size ? 0
										 : -ENAMETOOLONG;
}

static int add_summary(struct str_list *argv, const struct spec_ior *ior, const char *file)
{
	char ranks[4096];
	int rc = str_list_add(argv, "-O");

	rc = rc ?: str_list_addf(argv, "summaryFile=%s", file);
	rc = rc ?: add_pair(argv, "-O", "summaryFormat=JSON");
	if (ior->rank_details != FLAG_ON)
		return rc;
	rc = rc ?: plan_ior_ranks(file, ranks, sizeof(ranks));
	rc = rc ?: str_list_add(argv, "-O");
	return rc ?: str_list_addf(argv, "saveRankPerformanceDetailsCSV=%s", ranks);
}

static int add_ior(struct str_list *argv, const struct spec_ior *ior, const struct plan_ior *how)
{
	const char *binary = how->binary ? how->binary : ior->binary;
	const char *file = ior->file ? ior->file : how->default_file;
	int rc = str_list_add(argv, binary ? binary : "cbpf-ior");

	if (ior->api)
		rc = rc ?: add_pair(argv, "-a", ior->api);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uint64_t v = *(const uint64_t *)((const char *)ior + numbers[i].offset);

		if (v == OPTION_UNSET)
			continue;
		rc = rc ?: str_list_add(argv, numbers[i].flag);
		rc = rc ?: str_list_addf(argv, "%" PRIu64, v);
	}
	if (file)
		rc = rc ?: add_pair(argv, "-o", file);
	rc = rc ?: add_phases(argv, ior);
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (*(const enum flag *)((const char *)ior + switches[i].offset) == FLAG_ON)
			rc = rc ?: str_list_add(argv, switches[i].arg);
	if (ior->data)
		rc = rc ?: add_pair(argv, "-l", ior->data);
	if (ior->wear_out == FLAG_ON)
		rc = rc ?: add_pair(argv, "-O", "stoneWallingWearOut=1");
	if (how->summary_file)
		rc = rc ?: add_summary(argv, ior, how->summary_file);
	return rc ?: str_list_copy(argv, &ior->options);
}

int plan_ior_argv(const struct spec_ior *ior, const struct plan_ior *how, struct str_list *argv,
		  struct err *err)
{
	int rc;

	if (how->summary_file && strpbrk(how->summary_file, ",\n"))
		return err_say(
			err, -EINVAL,
			"planning IOR: the summary file '%s' holds a comma, which ends an IOR "
			"directive; use another directory",
			how->summary_file);
	rc = add_launcher(argv, ior, how, err);
	if (!rc && add_ior(argv, ior, how))
		rc = err_set(err, -ENOMEM, "planning IOR");
	return rc;
}
