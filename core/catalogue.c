// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What communities stand for: a catalogue, and what can be asked of it.  How it
 * is read from a list: catalogue_json.c.
 */
#include <zebra.h>

#include <ctype.h>

#include "core/catalogue_internal.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_CATALOGUE, "ExpressRoute catalogue");
DEFINE_MTYPE_STATIC(ER_CORE, ER_CATALOGUE_ROW, "ExpressRoute catalogue entry");

/* How many names are suggested for a mistyped one. */
#define NEAR_NAMES 3

void er_slug(const char *name, char *buf, size_t len)
{
	size_t at = 0;

	for (; *name && at + 1 < len; name++) {
		unsigned char c = *name;

		if (c < 0x80 && isalnum(c))
			buf[at++] = tolower(c);
		else if (at && buf[at - 1] != '-')
			buf[at++] = '-';
	}
	while (at && buf[at - 1] == '-')
		at--;
	buf[at] = '\0';
}

/* A half of a community: 0 to 65535, without leading zeros. */
static const char *half_parse(const char *text, uint32_t *half)
{
	const char *end = text;

	*half = 0;
	while (isdigit((unsigned char)*end) && end < text + 5)
		*half = *half * 10 + (*end++ - '0');
	if (end == text || (*text == '0' && end > text + 1) || *half > UINT16_MAX)
		return NULL;
	return end;
}

bool er_community_parse(const char *text, er_community *community)
{
	uint32_t as, value;
	const char *end = half_parse(text, &as);

	if (!end || *end != ':')
		return false;
	end = half_parse(end + 1, &value);
	if (!end || *end)
		return false;
	*community = ER_COMMUNITY(as, value);
	return true;
}

const char *er_community_str(er_community community, char buf[ER_COMMUNITY_STRLEN])
{
	snprintf(buf, ER_COMMUNITY_STRLEN, "%u:%u", community >> 16, community & UINT16_MAX);
	return buf;
}

/* MS: expressroute-routing, bgp-communities */
enum er_catalogue_kind er_community_kind(er_community community)
{
	unsigned int value = community & UINT16_MAX;

	if (value >= 1000 && value <= 9999)
		return ER_KIND_SERVICE;
	switch (value / 1000) {
	case 50:
		return ER_KIND_PRIVATE_REGION;
	case 51:
		return ER_KIND_REGION;
	case 52:
	case 53:
	case 54:
	case 55:
		return ER_KIND_SERVICE_IN_REGION;
	default:
		return ER_KIND_OTHER;
	}
}

struct er_catalogue *er_catalogue_new(size_t size)
{
	struct er_catalogue *catalogue = XCALLOC(MTYPE_ER_CATALOGUE, sizeof(*catalogue));

	catalogue->row = XCALLOC(MTYPE_ER_CATALOGUE_ROW, MAX(size, 1u) * sizeof(*catalogue->row));
	return catalogue;
}

void er_catalogue_free(struct er_catalogue **catalogue)
{
	if (!*catalogue)
		return;
	XFREE(MTYPE_ER_CATALOGUE_ROW, (*catalogue)->row);
	XFREE(MTYPE_ER_CATALOGUE, *catalogue);
}

size_t er_catalogue_count(const struct er_catalogue *catalogue)
{
	return catalogue ? catalogue->n : 0;
}

const struct er_catalogue_entry *er_catalogue_at(const struct er_catalogue *catalogue, size_t i)
{
	return i < er_catalogue_count(catalogue) ? &catalogue->row[i].entry : NULL;
}

const struct er_catalogue_entry *er_catalogue_find(const struct er_catalogue *catalogue,
						   er_community community)
{
	size_t low = 0, high = er_catalogue_count(catalogue);

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct er_catalogue_entry *entry = &catalogue->row[middle].entry;

		if (entry->community == community)
			return entry;
		if (entry->community < community)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const char *name_of(const struct er_catalogue_entry *entry, enum er_catalogue_names which)
{
	switch (which) {
	case ER_NAMES_SERVICE:
		return entry->service;
	case ER_NAMES_REGION:
		return entry->region;
	case ER_NAMES_GEOGRAPHY:
		return entry->geography;
	}
	return "";
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All names, sorted, each once; caller frees. */
static const char **all_names(const struct er_catalogue *catalogue, enum er_catalogue_names which,
			      size_t *n)
{
	size_t count = er_catalogue_count(catalogue), found = 0;
	const char **name = XCALLOC(MTYPE_TMP, (count + 1) * sizeof(*name));

	for (size_t i = 0; i < count; i++) {
		name[found] = name_of(&catalogue->row[i].entry, which);
		found += *name[found] != '\0';
	}
	if (found)
		qsort(name, found, sizeof(*name), name_cmp);
	*n = 0;
	for (size_t i = 0; i < found; i++)
		if (!*n || strcmp(name[*n - 1], name[i]) != 0)
			name[(*n)++] = name[i];
	return name;
}

size_t er_catalogue_names(const struct er_catalogue *catalogue, enum er_catalogue_names which,
			  const char **list, size_t size)
{
	size_t n;
	const char **name = all_names(catalogue, which, &n);

	for (size_t i = 0; list && i < n && i < size; i++)
		list[i] = name[i];
	XFREE(MTYPE_TMP, name);
	return n;
}

static bool same(const char *name, const char *also, const char *slug)
{
	return *slug && (strcmp(name, slug) == 0 || strcmp(also, slug) == 0);
}

bool er_entry_of_service(const struct er_catalogue_entry *entry, const char *slug)
{
	return same(entry->service, entry->also_service, slug);
}

bool er_entry_of_region(const struct er_catalogue_entry *entry, const char *slug)
{
	return same(entry->region, entry->also_region, slug);
}

bool er_catalogue_has(const struct er_catalogue *catalogue, enum er_catalogue_names which,
		      const char *slug)
{
	for (size_t i = 0; i < er_catalogue_count(catalogue); i++) {
		const struct er_catalogue_entry *entry = &catalogue->row[i].entry;
		bool has = false;

		switch (which) {
		case ER_NAMES_SERVICE:
			has = er_entry_of_service(entry, slug);
			break;
		case ER_NAMES_REGION:
			has = er_entry_of_region(entry, slug);
			break;
		case ER_NAMES_GEOGRAPHY:
			has = same(entry->geography, "", slug);
			break;
		}
		if (has)
			return true;
	}
	return false;
}

/* Letters to insert, remove, change or swap; names have less than ER_NAME_LEN. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int rows[3][ER_NAME_LEN + 1];
	unsigned int *before = rows[0], *last = rows[1], *now = rows[2];
	size_t la = strnlen(a, ER_NAME_LEN), lb = strnlen(b, ER_NAME_LEN);

	for (size_t j = 0; j <= lb; j++)
		last[j] = before[j] = j;
	for (size_t i = 1; i <= la; i++) {
		unsigned int *oldest = before;

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned int cost = last[j - 1] + (a[i - 1] != b[j - 1]);

			cost = MIN(cost, MIN(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost = MIN(cost, before[j - 2] + 1);
			now[j] = cost;
		}
		before = last;
		last = now;
		now = oldest;
	}
	return last[lb];
}

/* The name has every word of `words`, both joined by '-'. */
static bool has_words(const char *name, const char *words)
{
	char of_name[ER_NAME_LEN + 2], word[ER_NAME_LEN + 2];

	snprintf(of_name, sizeof(of_name), "-%.*s-", ER_NAME_LEN - 1, name);
	while (*words) {
		size_t n = strcspn(words, "-");

		snprintf(word, sizeof(word), "-%.*s-", (int)MIN(n, ER_NAME_LEN - 1u), words);
		if (n && !strstr(of_name, word))
			return false;
		words += n + (words[n] == '-');
	}
	return true;
}

/*
 * How a name can be near, the nearest first: a few letters differ, the words
 * are there in another order or among others, it goes on behind what was
 * typed.  Within each, letters count.
 */
#define FAR_LETTERS   0u
#define FAR_WORDS     100u
#define FAR_BEGINS    200u
#define FAR_KIND(far) ((far) / 100)

/* UINT_MAX: not near */
static unsigned int farness(const char *name, const char *slug)
{
	size_t typed = strlen(slug);
	unsigned int far = distance(name, slug);

	if (far <= MAX(1u, typed / 4))
		return FAR_LETTERS + far;
	if (typed >= 3 && has_words(name, slug))
		return FAR_WORDS + far;
	if (typed >= 3 && strncmp(name, slug, typed) == 0)
		return FAR_BEGINS + far;
	return UINT_MAX;
}

/* Of the nearest kind only: what is farther off then only distracts. */
void er_names_near(const char *const *names, size_t n, const char *slug, char *buf, size_t len)
{
	unsigned int best[NEAR_NAMES];
	const char *name[NEAR_NAMES] = { NULL };

	for (size_t i = 0; i < n; i++) {
		unsigned int far = farness(names[i], slug);
		size_t at = NEAR_NAMES;

		if (far == UINT_MAX)
			continue;
		while (at && (!name[at - 1] || best[at - 1] > far))
			at--;
		for (size_t j = NEAR_NAMES - 1; j > at; j--) {
			best[j] = best[j - 1];
			name[j] = name[j - 1];
		}
		if (at < NEAR_NAMES) {
			best[at] = far;
			name[at] = names[i];
		}
	}
	buf[0] = '\0';
	for (size_t i = 0; i < NEAR_NAMES && name[i]; i++) {
		if (FAR_KIND(best[i]) != FAR_KIND(best[0]))
			break;
		if (i)
			strlcat(buf, ", ", len);
		strlcat(buf, name[i], len);
	}
}

void er_catalogue_near(const struct er_catalogue *catalogue, enum er_catalogue_names which,
		       const char *slug, char *buf, size_t len)
{
	size_t n;
	const char **name = all_names(catalogue, which, &n);

	er_names_near(name, n, slug, buf, len);
	XFREE(MTYPE_TMP, name);
}

void er_catalogue_describe(const struct er_catalogue_entry *entry, char *buf, size_t len)
{
	if (entry->kind == ER_KIND_PRIVATE_REGION)
		snprintf(buf, len, "Virtual networks in %s", entry->region_name);
	else if (!*entry->service)
		snprintf(buf, len, "%s", entry->region_name);
	else if (*entry->region)
		snprintf(buf, len, "%s in %s", entry->service_name, entry->region_name);
	else if (*entry->geography) /* of a national cloud */
		snprintf(buf, len, "%s (%s)", entry->service_name, entry->geography_name);
	else
		snprintf(buf, len, "%s", entry->service_name);
}
