/* SPDX-License-Identifier: Apache-2.0 */
/* Option rows as command-line flags, through getopt_long(). */
#ifndef CBPF_CMD_FLAGS_H
#define CBPF_CMD_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/option.h"

struct err;

#define FLAGS_MAX 62 /* rows of one command, and a --no- twin for each that has one */

enum flags_result { FLAGS_OK, FLAGS_HELP, FLAGS_BAD };

/*
 * Read the flags of @argv (argv[0] is the command) into @config, which has its
 * presets already. FLAGS_OK: argv[*ret_first] is the first argument that is no
 * flag; everything after `--` is one. FLAGS_HELP: -h or --help was there.
 * FLAGS_BAD: @err says what was wrong, in the user's words.
 */
enum flags_result flags_parse(const struct option_row *rows, void *config, int argc, char **argv,
			      int *ret_first, struct err *err);

/* Takes no value: `--name` alone turns it on. */
bool flag_is_switch(const struct option_row *row);
/* A switch that is on unless told otherwise: `--no-name` turns it off. */
bool flag_has_no(const struct option_row *row);
/* The row's metavar, or the one its type calls for; NULL for a switch. */
const char *flag_metavar(const struct option_row *row);

#endif
