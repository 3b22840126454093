/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind a spec, for those who need more than the outermost. */
#ifndef CBPF_SPEC_ROWS_H
#define CBPF_SPEC_ROWS_H

#include <stdbool.h>

#include "base/option.h"

extern const struct option_row spec_ior_rows[];
extern const struct option_row spec_workload_rows[];
extern const struct option_row spec_container_rows[];
extern const struct option_row spec_influxdb_rows[];
extern const struct option_row spec_profile_rows[];

/*
 * Whether what the dotted @key of a spec holds, or one of its parts, is not to be shown: by its
 * name, or as a sink's secret or URL. Of a last part alone, without dots, that is so in any section.
 */
bool spec_is_secret(const char *key);

#endif
