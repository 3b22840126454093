/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what benchmark tools print. */
#ifndef CBPF_LAUNCH_PARSE_H
#define CBPF_LAUNCH_PARSE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct result_set;

/*
 * Tell the tool and format from the text itself and parse it. Text between and
 * around the lines that are known is passed over; a truncated or contradictory
 * output is RESULT_FAILED with a message, "Incorrect data" RESULT_CORRUPT.
 * -EBADMSG when it is no tool's output that is known.
 */
int parse_results(const char *text, size_t len, struct result_set *ret, struct err *err);

/* How IOR tells of wrong data: with a capital since 4.0, and without one before. */
#define PARSE_CORRUPT_WORDS "ncorrect data on"

/* PARSE_CORRUPT_WORDS stand anywhere: the run is corrupt, whatever else is printed. */
bool parse_found_corruption(const char *text, size_t len);
/* That, with what IOR says of it: "IOR found incorrect data on read (2 errors found)". */
void parse_say_corruption(const char *text, size_t len, char *message, size_t size);

int parse_ior_text(const char *text, size_t len, struct result_set *ret, struct err *err);
int parse_ior_json(const char *text, size_t len, struct result_set *ret, struct err *err);

#endif
