/* SPDX-License-Identifier: Apache-2.0 */
/* Gates that the phases of a workload wait at: FIFOs that it can reach wherever it runs. */
#ifndef CBPF_LAUNCH_GATE_H
#define CBPF_LAUNCH_GATE_H

#include <stddef.h>

struct err;
struct plan_ior;
struct spec_ior;
struct str_list;

/*
 * The script of @ior's phases into @dir, which is @seen_dir to the target, and a shell that runs it
 * there onto @argv. What was there is replaced.
 */
int gates_script(const struct spec_ior *ior, const struct plan_ior *how, const char *dir,
		 const char *seen_dir, struct str_list *argv, struct err *err);
/* @n gates in @dir, which is there, as plan_ior_gate() calls them. Who waits needs to read only. */
int gates_make(const char *dir, size_t n, struct err *err);
/* A descriptor when somebody waits at gate @k; -EAGAIN when nobody does, or another failure. */
int gate_try(const char *dir, size_t k);
/* Say "go" or another word to who waits there, and close it. */
void gate_say(int fd, const char *word);
/* Gates, the script, and what else phases left in @dir for each other. */
void gates_remove(const char *dir, size_t n);

#endif
