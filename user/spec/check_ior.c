// SPDX-License-Identifier: Apache-2.0
/* Checks of an IOR workload: what IOR itself would refuse, or do other than meant. */
#include <string.h>
#include <strings.h>

#include "spec/load.h"
#include "spec/spec.h"

/* IOR's own defaults, which an absent key stands for. */
#define IOR_TRANSFER (256ull << 10)
#define IOR_BLOCK (1ull << 20)
/* What O_DIRECT asks for on common devices. */
#define SECTOR 512

static uint64_t or_default(uint64_t value, uint64_t preset)
{
	return value == OPTION_UNSET ? preset : value;
}

static void check_sizes(const struct spec_container *c, struct diag *diag)
{
	const struct spec_ior *ior = &c->workload.ior;
	uint64_t transfer = or_default(ior->transfer, IOR_TRANSFER);
	uint64_t block = or_default(ior->block, IOR_BLOCK);
	const uint64_t *given = ior->block != OPTION_UNSET ? &ior->block : &ior->transfer;

	if (transfer == 0 || block == 0) {
		diag_error(diag, diag_find(diag, transfer ? &ior->block : &ior->transfer, c),
			   "ior: %s must be above zero", transfer ? "block" : "transfer");
		return;
	}
	if (block % transfer)
		diag_error(
			diag, diag_find(diag, given, c),
			"ior: block (%llu bytes%s) must be a multiple of transfer (%llu bytes%s)",
			(unsigned long long)block,
			ior->block == OPTION_UNSET ? ", IOR's default" : "",
			(unsigned long long)transfer,
			ior->transfer == OPTION_UNSET ? ", IOR's default" : "");
	if (ior->odirect == FLAG_ON && transfer % SECTOR)
		diag_warn(diag, diag_find(diag, &ior->odirect, c),
			  "ior: odirect with a transfer of %llu bytes is refused by file systems "
			  "that want whole sectors of %d bytes",
			  (unsigned long long)transfer, SECTOR);
}

/* As IOR decides: without -w, -r, -W and -R it writes and reads. Options may say anything. */
static void check_phases(const struct spec_container *c, struct diag *diag)
{
	const struct spec_ior *ior = &c->workload.ior;
	bool verifies = ior->verify_write == FLAG_ON || ior->verify_read == FLAG_ON;
	bool reads = ior->read == FLAG_ON || verifies;
	bool writes = ior->write == FLAG_ON || (ior->write == FLAG_UNSET && !reads);
	const enum flag *why = ior->read == FLAG_ON	      ? &ior->read
			       : ior->verify_read == FLAG_ON  ? &ior->verify_read
			       : ior->verify_write == FLAG_ON ? &ior->verify_write
							      : &ior->write;

	if (ior->write == FLAG_OFF && ior->read == FLAG_OFF && !verifies)
		diag_error(diag, diag_find(diag, &ior->write, c),
			   "ior: write and read are both off: nothing is left to do");
	else if (!writes && !ior->file && !ior->options.n)
		diag_error(
			diag, diag_find(diag, why, c),
			"ior: without a file there is nothing to read: give file, or write: true");
}

/* Phases run one by one: what they are must be known before. */
static void check_before(const struct spec_container *c, struct diag *diag)
{
	static const char *const phases[] = {
		"-w", "-r", "-W", "-R", "-i", "-f", "-k", "-E", "-m"
	};
	const struct spec_ior *ior = &c->workload.ior;

	for (size_t i = 0; i < ior->options.n; i++)
		for (size_t k = 0; k < sizeof(phases) / sizeof(phases[0]); k++)
			if (!strcmp(ior->options.v[i], phases[k]))
				diag_error(
					diag, diag_find(diag, &ior->options, c),
					"ior: with before, %s cannot be among the options: use the "
					"keys write, read, verify_write, verify_read, repetitions "
					"and keep",
					phases[k]);
	if (ior->delay_s != OPTION_UNSET)
		diag_warn(diag, diag_find(diag, &ior->delay_s, c),
			  "ior: delay_s is of no use with before: IOR runs anew for each phase");
}

void check_ior(const struct spec_container *c, struct diag *diag)
{
	const struct spec_ior *ior = &c->workload.ior;

	check_sizes(c, diag);
	check_phases(c, diag);
	if (c->before.given == FLAG_ON)
		check_before(c, diag);
	if (ior->collective == FLAG_ON && (!ior->api || strcasecmp(ior->api, "MPIIO") != 0))
		diag_error(diag, diag_find(diag, &ior->collective, c),
			   "ior: collective needs api: MPIIO");
	if (ior->odirect == FLAG_ON && ior->api && strcasecmp(ior->api, "POSIX") != 0)
		diag_error(diag, diag_find(diag, &ior->odirect, c),
			   "ior: odirect needs api: POSIX");
	if (ior->wear_out == FLAG_ON && ior->stonewall_s == OPTION_UNSET)
		diag_error(diag, diag_find(diag, &ior->wear_out, c),
			   "ior: wear_out needs stonewall_s");
	if (ior->launcher && !*ior->launcher)
		diag_error(diag, diag_find(diag, &ior->launcher, c), "ior: launcher is empty");
}
