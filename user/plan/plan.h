/* SPDX-License-Identifier: Apache-2.0 */
/* From a spec to what will be done: ordered, expanded, checked against itself, nothing touched. */
#ifndef CBPF_PLAN_PLAN_H
#define CBPF_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/spec.h"

struct buf;
struct err;

struct plan_target {
	const char *name; /* borrowed from the spec */
	const struct spec_container *c; /* borrowed from the spec */
	size_t *after; /* indices of targets that must be ready first */
	size_t n_after;
	struct str_list argv; /* of a `command:`; empty for a workload or the image's own */
	bool sshd; /* @argv is that of sshd, and all of it: it takes ranks of others */
	bool service; /* ended when all others have */
	struct spec_ready ready; /* as the spec has it, or how an sshd is; borrowed */
	size_t *hosts; /* of a workload's `hosts:`: targets by index, or SIZE_MAX for another host */
	bool ssh_hosts; /* at least one of them has the run's keys */
};

/* Where a container with `ssh: true` has keys and configuration. */
#define PLAN_SSH_DIR "/etc/cbpf-ssh"
/* In place of ssh: asks with the keys of the run. */
#define PLAN_SSH_AGENT PLAN_SSH_DIR "/ssh"

struct plan {
	const struct spec *spec; /* borrowed */
	char id[96]; /* of the run: 20261121T101500-name-4f2a07c3 */
	char group[96]; /* id of the first run of a `repeat:` or `matrix:`, which all of it have */
	uint64_t repetition; /* from 0 */
	uint64_t group_runs; /* how many runs the group is to have */
	struct plan_target *v; /* in start order: dependencies first, then the file's order */
	size_t n;
};

/*
 * @wall_ns names the run; @group: that of the runs before it, NULL for the first.
 * -EINVAL for cycles, unknown names and contradictions, told in @err.
 */
int plan_make(const struct spec *spec, uint64_t wall_ns, uint64_t repetition, const char *group,
	      struct plan **ret_plan, struct err *err);
void plan_free(struct plan *plan);

/* What the command line of an IOR workload is made of. */
struct plan_ior {
	const char *binary; /* "ior", "cbpf-ior" or a path: chosen by launch */
	const char *mpirun; /* launcher to use when ranks > 1; NULL: "mpirun" */
	const char *default_file; /* for an absent `file:` */
	const char *summary_file; /* where the JSON summary goes; NULL: none */
	/* With `rank_details:` and a summary, those of ranks go beside it: see plan_ior_ranks(). */
	const char *name; /* ranks have it as PLAN_WORKLOAD_ENV; NULL: they do not */
	int as_root; /* adds --allow-run-as-root */
};

/* Which workload a rank belongs to, wherever it runs. */
#define PLAN_WORKLOAD_ENV "CBPF_WORKLOAD"

/* Appends the whole command line, launcher included, to @argv. 0 or -errno. */
int plan_ior_argv(const struct spec_ior *ior, const struct plan_ior *how, struct str_list *argv,
		  struct err *err);

/* "results/a.json" is "results/a.ranks.csv" for what each rank did. 0 or -ENAMETOOLONG. */
int plan_ior_ranks(const char *summary, char *path, size_t size);

/* --- with `before:`, each write and each read is an invocation of its own --- */

struct plan_ior_phase {
	bool write; /* else it reads */
	uint64_t repetition; /* from 0 */
	bool last; /* of its repetition: removes the files */
};

/* How many phases there are. */
size_t plan_ior_phases(const struct spec_ior *ior);
struct plan_ior_phase plan_ior_phase(const struct spec_ior *ior, size_t k);

/* "results/a.json" is "results/a.3.json" for phase 3. 0 or -ENAMETOOLONG. */
int plan_ior_summary(const char *summary, size_t k, char *path, size_t size);
/* What its phase waits at, in @dir: a FIFO that gives it a line, "go" or another word. */
int plan_ior_gate(const char *dir, size_t k, char *path, size_t size);

/*
 * Appends a shell's script that carries out all phases, each after its gate in @gate_dir, as the
 * target sees it: it ends with the status of the first one that fails, and with 143 when it is told
 * so at a gate. What must pass from a write to its read is kept in @gate_dir.
 */
int plan_ior_script(const struct spec_ior *ior, const struct plan_ior *how, const char *gate_dir,
		    struct buf *script, struct err *err);

#endif
