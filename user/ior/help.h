/* SPDX-License-Identifier: Apache-2.0 */
/* What -h and --man print, from the table of options. */
#ifndef CBPF_IOR_HELP_H
#define CBPF_IOR_HELP_H

#include <stdio.h>

void ior_help(FILE *f);

/* mdoc(7) of cbpf-ior(1). */
void ior_man(FILE *f);

#endif
