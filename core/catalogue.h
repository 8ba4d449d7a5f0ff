// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The catalogue: what Microsoft's communities stand for.
 *
 * Read from JSON in the form of Azure's own list, bgpServiceCommunities: the
 * raw REST answer ({"value": [{"properties": {...}}]}), the command line's
 * array, PowerShell's array with capitalised names.  The built-in catalogue is
 * such a file, generated from the published table.
 *
 * Names are slugs: small letters, digits, '-' ("exchange-online", "east-us").
 * A community's kind follows from its value (MS: expressroute-routing,
 * bgp-communities): 12076:50xxx a region of private peering, 51xxx a region of
 * Microsoft peering, 52xxx to 55xxx a service in a region, four digits a
 * global service; its names come from the list.  xxx numbers the region, in all
 * of them.
 *
 * Azure's list and the published table do not always use the same words
 * ("Central India", "India Central").  An entry therefore knows both, so that
 * an import does not make configured names mean nothing.
 *
 * Ownership: the catalogue owns its entries and their strings; pointers into
 * it live as long as it does.  A catalogue is never changed after it is read.
 */
#ifndef ER_CATALOGUE_H
#define ER_CATALOGUE_H

#include "core/types.h"

enum er_catalogue_kind {
	ER_KIND_SERVICE,	   /* 12076:5010, ... */
	ER_KIND_PRIVATE_REGION,	   /* 12076:50xxx */
	ER_KIND_REGION,		   /* 12076:51xxx */
	ER_KIND_SERVICE_IN_REGION, /* 12076:52xxx to 55xxx */
	ER_KIND_OTHER,		   /* what future lists may have */
	ER_KINDS
};

struct er_catalogue_entry {
	er_community community;
	enum er_catalogue_kind kind;
	const char *service;	  /* slug; "": a region's own */
	const char *service_name; /* as published, "Exchange Online" */
	const char *region;	  /* slug; "": global */
	const char *region_name;
	const char *geography;	    /* slug; "": not known */
	const char *geography_name; /* "North America" */
	/* slugs that the base has for them when those are others, else "" */
	const char *also_service;
	const char *also_region;
	bool authorization; /* needs Microsoft's authorization */
};

struct er_catalogue;

/* Bytes that a list may have; Azure's own has some megabytes of prefixes. */
#define ER_CATALOGUE_MAX (32u * 1024 * 1024)
/*
 * What it may consist of, so that few bytes cannot take much memory: JSON
 * objects and arrays, and values.  Azure's own has some hundred and some ten
 * thousand.
 */
#define ER_CATALOGUE_CONTAINERS 100000u
#define ER_CATALOGUE_VALUES	1000000u

/*
 * Parse len bytes.  `base` (or NULL) fills in what Azure's list does not say:
 * the geography of a region, other names of what it names, and, when the list
 * has nothing of private peering, the private communities of its regions.  With
 * extend, the result has base's entries as well, the list's in place of base's
 * where both have a community.  NULL on a fault: `problem` then says what and
 * where ("value[3].properties.bgpCommunities[0].communityValue: \"12077:5010\" is
 * not one of AS 12076").
 */
struct er_catalogue *er_catalogue_parse(const char *text, size_t len,
					const struct er_catalogue *base, bool extend,
					char *problem, size_t problem_len);
void er_catalogue_free(struct er_catalogue **catalogue);
/* The catalogue in the command line's form, to be read back; caller frees with free(). */
char *er_catalogue_print(const struct er_catalogue *catalogue);

/*
 * Everywhere below, a catalogue of NULL is an empty one.
 *
 * Entries in the order of their communities.
 */
size_t er_catalogue_count(const struct er_catalogue *catalogue);
const struct er_catalogue_entry *er_catalogue_at(const struct er_catalogue *catalogue, size_t i);
const struct er_catalogue_entry *er_catalogue_find(const struct er_catalogue *catalogue,
						   er_community community);

/*
 * Slugs in their order, each once; returns how many there are, of which at most
 * `size` are written.  list may be NULL to count.
 */
enum er_catalogue_names { ER_NAMES_SERVICE, ER_NAMES_REGION, ER_NAMES_GEOGRAPHY };
size_t er_catalogue_names(const struct er_catalogue *catalogue, enum er_catalogue_names which,
			  const char **list, size_t size);
/* By either of its names. */
bool er_catalogue_has(const struct er_catalogue *catalogue, enum er_catalogue_names which,
		      const char *slug);
/*
 * Names near a mistyped one, the nearest first, joined by ", ", for "did you
 * mean"; "" when none is near.
 */
void er_catalogue_near(const struct er_catalogue *catalogue, enum er_catalogue_names which,
		       const char *slug, char *buf, size_t len);

/* Whether the entry is of this service, this region, by either of its names. */
bool er_entry_of_service(const struct er_catalogue_entry *entry, const char *slug);
bool er_entry_of_region(const struct er_catalogue_entry *entry, const char *slug);

/*
 * The nearest of names[] to a mistyped one, joined by ", " ("" when none is
 * near), as er_catalogue_near() says it.
 */
void er_names_near(const char *const *names, size_t n, const char *slug, char *buf, size_t len);

/* "Storage in East US" */
void er_catalogue_describe(const struct er_catalogue_entry *entry, char *buf, size_t len);

/* "Exchange Online" -> "exchange-online" */
void er_slug(const char *name, char *buf, size_t len);

/* Text <-> number: "12076:5010".  False when it is none. */
bool er_community_parse(const char *text, er_community *community);
#define ER_COMMUNITY_STRLEN 12
const char *er_community_str(er_community community, char buf[ER_COMMUNITY_STRLEN]);

#endif /* ER_CATALOGUE_H */
