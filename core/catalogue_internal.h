// SPDX-License-Identifier: GPL-2.0-or-later
/* What catalogue.c (asking) and catalogue_json.c (reading, printing) share. */
#ifndef ER_CATALOGUE_INTERNAL_H
#define ER_CATALOGUE_INTERNAL_H

#include "core/catalogue.h"
#include "core/mgroup.h"

/* An entry and the text it points to. */
struct er_catalogue_row {
	struct er_catalogue_entry entry;
	char service[ER_NAME_LEN], service_name[ER_NAME_LEN];
	char region[ER_NAME_LEN], region_name[ER_NAME_LEN];
	char geography[ER_NAME_LEN], geography_name[ER_NAME_LEN];
	char also_service[ER_NAME_LEN], also_region[ER_NAME_LEN];
};

struct er_catalogue {
	struct er_catalogue_row *row; /* sorted by community */
	size_t n;
};

/* Empty, with room for so many rows. */
struct er_catalogue *er_catalogue_new(size_t size);
enum er_catalogue_kind er_community_kind(er_community community);

#endif /* ER_CATALOGUE_INTERNAL_H */
