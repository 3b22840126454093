/* SPDX-License-Identifier: Apache-2.0 */
/* Points made by hand: of no measurement that cbpf has. */
#ifndef CBPF_TESTS_FAKE_POINT_H
#define CBPF_TESTS_FAKE_POINT_H

#include <stdbool.h>
#include <stdint.h>

#include "sink/point.h"

struct fake_point {
	struct point p;
	struct measurement m;
};

/* Names and texts are borrowed. */
void fake_point_init(struct fake_point *f, const char *measurement, int64_t time_ns);
void fake_point_tag(struct fake_point *f, const char *name, const char *text);
void fake_point_int(struct fake_point *f, const char *name, int64_t value);
void fake_point_real(struct fake_point *f, const char *name, double value);
void fake_point_text(struct fake_point *f, const char *name, const char *value);
void fake_point_bool(struct fake_point *f, const char *name, bool value);

#endif
