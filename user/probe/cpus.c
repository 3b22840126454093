// SPDX-License-Identifier: Apache-2.0
#include "probe/cpus.h"

#include <fcntl.h>

#include "base/fs.h"
#include "base/units.h"

int probe_cpus_online(cpu_set_t *ret)
{
	char text[1024];
	int rc = fs_read_at(AT_FDCWD, "/sys/devices/system/cpu/online", text, sizeof(text));

	return rc ? rc : units_parse_cpus(text, ret);
}
