// SPDX-License-Identifier: Apache-2.0
/* Entry point: finds the subcommand, fills its options, runs it. */
#include <stdio.h>

int main(void)
{
	puts("cbpf " CBPF_VERSION);
	return 0;
}
