/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets on the command line, which everybody can read. */
#ifndef CBPF_CMD_HIDE_H
#define CBPF_CMD_HIDE_H

/*
 * A copy of @argv for those who need it, NULL at its end, to be freed with hide_free(); in @argv itself, which is
 * what /proc/PID/cmdline and ps show, what is given to --set for sinks, or below a name as
 * secrets have, is *** from now on. NULL: no memory, and nothing is hidden.
 */
char **hide_secrets(int argc, char **argv);
void hide_free(char **copy); /* takes NULL */

#endif
