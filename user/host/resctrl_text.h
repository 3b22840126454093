/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing of what resctrl prints, in place and without memory. */
#ifndef CBPF_HOST_RESCTRL_TEXT_H
#define CBPF_HOST_RESCTRL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a file of mon_data says: a number, or why there is none. */
enum resctrl_value {
	RESCTRL_NUMBER,
	RESCTRL_UNAVAILABLE, /* the hardware does not follow this RMID at the moment */
	RESCTRL_ERROR, /* the hardware refused */
	RESCTRL_UNASSIGNED, /* no counter is assigned to this group (mbm_assign_mode) */
	RESCTRL_MALFORMED, /* none of these */
	RESCTRL_VALUES
};
extern const char *const resctrl_value_names[RESCTRL_VALUES];

/* @ret is set when it is a number. */
enum resctrl_value resctrl_text_value(const char *text, uint64_t *ret);

/* The id of the L3 cache that a directory of mon_data is about: "mon_L3_03". False: not of one. */
bool resctrl_text_domain(const char *name, uint32_t *ret);

/* One "DOMAIN=VALUE" of a line of schemata, or of size. */
struct resctrl_alloc {
	char resource[16]; /* "L3", "L3CODE", "MB" */
	bool bandwidth; /* a decimal number; else a bit mask */
	uint32_t domain;
	uint64_t value;
};

struct resctrl_scan {
	const char *at;
	bool sizes; /* it is a size file, where all values are decimal */
	bool within; /* a line whose resource is known */
	struct resctrl_alloc now;
};

/* @text is borrowed while the scan lasts. */
void resctrl_scan_begin(struct resctrl_scan *s, const char *text, bool sizes);
/*
 * 1 and the next value; 0 at the end; -EBADMSG: the rest of a line is passed over,
 * since it cannot be understood. Lines of resources that are not known are left out.
 */
int resctrl_scan_next(struct resctrl_scan *s, struct resctrl_alloc *ret);

/* What a host allows, of info/: L3 (or L3CODE, L3DATA), L2 and MB. */
struct resctrl_mask_rule {
	bool known;
	uint64_t mask; /* cbm_mask: all bits there are */
	uint64_t min_bits; /* in a row */
	bool sparse; /* need not be in a row; true also where the kernel does not tell */
};

enum resctrl_mba_unit { MBA_PERCENT, MBA_MIB_S, MBA_HARDWARE /* AMD: 1/8 GB/s */ };

struct resctrl_rules {
	struct resctrl_mask_rule l2, l3;
	bool mba_known;
	enum resctrl_mba_unit mba_unit;
	uint64_t mba_min, mba_step;
};

/* NULL, or why this host can have no such allocation, in words. */
const char *resctrl_alloc_wrong(const struct resctrl_rules *r, const struct resctrl_alloc *a);

#endif
