// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Azure's list of communities <-> a catalogue.
 *
 * A list comes from somebody else.  Before json-c builds anything of it, scan()
 * has seen that it is UTF-8 and does not consist of more pieces than any list
 * has; then what it says is copied into fixed-size records (struct listed),
 * each fault with its place; then names are settled, together with the base's.
 */
#include <zebra.h>

#include <json-c/json.h>

#include "core/catalogue_internal.h"
#include "core/limits.h"
#include "core/text.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_LISTED, "ExpressRoute listed communities");

/* value > properties > bgpCommunities > communityPrefixes, and some to spare */
#define LIST_DEPTH 16
/* How much of a list's own text a message repeats. */
#define EXCERPT_LEN 40

/* Where the public values of a region number begin. */
#define PRIVATE_REGIONS	    50000u
#define REGIONS		    51000u
#define REGION_SERVICES	    52000u
#define REGION_SERVICES_END 56000u

/* One community as the list has it. */
struct listed {
	er_community community;
	unsigned int item, at; /* its place */
	char service[2 * ER_NAME_LEN];
	char name[2 * ER_NAME_LEN];
	char region[ER_NAME_LEN]; /* "": global, or not said */
	char geography[ER_NAME_LEN];
	enum { AUTHORIZED_NOT_SAID, AUTHORIZED, NOT_AUTHORIZED } authorized;
};

struct reader {
	struct listed *listed;
	size_t n, size;
	/* the keys on the way, as the list spells them; "" when it has none */
	char value[16], properties[16], communities[20];
	char path[ER_TEXT_LEN];
	char *problem;
	size_t problem_len;
};

/* ------------------------------------------------------------------ *
 * faults and their places
 * ------------------------------------------------------------------ */

static bool fault(struct reader *r, const char *format, ...) PRINTFRR(2, 3);

static bool fault(struct reader *r, const char *format, ...)
{
	char text[ER_TEXT_LEN];
	va_list ap;

	va_start(ap, format);
	vsnprintfrr(text, sizeof(text), format, ap);
	va_end(ap);
	snprintf(r->problem, r->problem_len, "%s%s%s", r->path, *r->path ? ": " : "", text);
	return false;
}

/* Longer, the path and so the message is cut: both are for people. */
static void path_add(struct reader *r, const char *key)
{
	if (*r->path && *key)
		strlcat(r->path, ".", sizeof(r->path));
	strlcat(r->path, key, sizeof(r->path));
}

static void path_index(struct reader *r, size_t i)
{
	char text[24];

	snprintf(text, sizeof(text), "[%zu]", i);
	strlcat(r->path, text, sizeof(r->path));
}

/* The path of a community that has been read already. */
static void path_of(struct reader *r, const struct listed *listed)
{
	r->path[0] = '\0';
	path_add(r, r->value);
	path_index(r, listed->item);
	path_add(r, r->properties);
	path_add(r, r->communities);
	path_index(r, listed->at);
}

/* A few characters of the list's own, fit for a terminal. */
static const char *excerpt(const char *text, char buf[EXCERPT_LEN + 4])
{
	size_t n = 0;

	for (; text[n] && n < EXCERPT_LEN; n++)
		buf[n] = text[n] < ' ' || text[n] > '~' ? '?' : text[n];
	strlcpy(buf + n, text[n] ? "..." : "", 4);
	return buf;
}

static const char *type_text(const struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return "null";
	case json_type_boolean:
		return "true or false";
	case json_type_double:
	case json_type_int:
		return "a number";
	case json_type_object:
		return "an object";
	case json_type_array:
		return "a list";
	case json_type_string:
		return "a string";
	}
	return "?";
}

/* ------------------------------------------------------------------ *
 * bytes
 * ------------------------------------------------------------------ */

/* Bytes of the UTF-8 character at p; 0: it is none.  RFC 3629 */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = *p < 0x80   ? 1
		   : *p < 0xc2 ? 0
		   : *p < 0xe0 ? 2
		   : *p < 0xf0 ? 3
		   : *p < 0xf5 ? 4
			       : 0;
	uint32_t c;

	if (n < 2 || n > left)
		return n > left ? 0 : n;
	c = *p & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : n;
}

static size_t line_of(const char *text, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

static bool is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", text[i]) || !text[i])
			return false;
	return true;
}

/* It is UTF-8, and not of too many pieces. */
static bool scan(struct reader *r, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned int containers = 0, values = 0;
	bool in_string = false;

	if (len >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
		return fault(r, "it is UTF-16: save it as UTF-8");
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_len(p + i, len - i);
		if (!n)
			return fault(r, "byte %zu, in line %zu, is not UTF-8", i, line_of(text, i));
		if (in_string && p[i] == '\\' && i + 1 < len && p[i + 1] < 0x80)
			n++;
		else if (p[i] == '"')
			in_string = !in_string;
		else if (!in_string && (p[i] == '{' || p[i] == '['))
			containers++;
		else if (!in_string && p[i] == ',')
			values++;
		if (containers > ER_CATALOGUE_CONTAINERS || values > ER_CATALOGUE_VALUES)
			return fault(r,
				     "it is no list of communities: up to line %zu it has more than %u %s",
				     line_of(text, i),
				     values > ER_CATALOGUE_VALUES ? ER_CATALOGUE_VALUES
								  : ER_CATALOGUE_CONTAINERS,
				     values > ER_CATALOGUE_VALUES ? "values" : "objects and lists");
	}
	return true;
}

static struct json_object *parse(struct reader *r, const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(LIST_DEPTH);
	struct json_object *root;
	enum json_tokener_error error;
	size_t end;

	if (!tokener) {
		fault(r, "not enough memory");
		return NULL;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	root = json_tokener_parse_ex(tokener, text, len);
	error = json_tokener_get_error(tokener);
	end = MIN(json_tokener_get_parse_end(tokener), len);
	if (error == json_tokener_continue)
		fault(r, "it ends too early, at byte %zu in line %zu", len, line_of(text, len));
	else if (error == json_tokener_error_depth)
		fault(r, "byte %zu, in line %zu: nested deeper than any list of communities", end,
		      line_of(text, end));
	else if (error != json_tokener_success)
		fault(r, "byte %zu, in line %zu, is no JSON: %s", end, line_of(text, end),
		      json_tokener_error_desc(error));
	else if (!root)
		fault(r, "it is null, not a list of communities");
	json_tokener_free(tokener);
	return root;
}

/* ------------------------------------------------------------------ *
 * objects
 * ------------------------------------------------------------------ */

/* The value of a key however it is capitalised; key: as it is spelt there. */
static struct json_object *get(struct json_object *object, const char *name, const char **key)
{
	struct json_object_iter it;

	json_object_object_foreachC(object, it)
	{
		if (strcasecmp(it.key, name) == 0) {
			if (key)
				*key = it.key;
			return it.val;
		}
	}
	return NULL;
}

/* Text to show: one line, and no terminal's commands. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* "" when it is not there. */
static bool get_text(struct reader *r, struct json_object *object, const char *name, char *buf,
		     size_t len)
{
	const char *key = name, *text = "";
	struct json_object *value = get(object, name, &key);
	size_t n = 0;

	if (value) {
		text = json_object_get_string(value);
		n = json_object_get_string_len(value);
	}
	if (!value || (json_object_is_type(value, json_type_string) && n == strlen(text) &&
		       is_plain(text) && n < len)) {
		strlcpy(buf, text, len);
		return true;
	}
	path_add(r, key);
	if (!json_object_is_type(value, json_type_string))
		return fault(r, "is %s, not a string", type_text(value));
	if (n >= len && is_plain(text))
		return fault(r, "has %zu characters, the longest name %zu", n, len - 1);
	return fault(r, "has control characters");
}

static bool check_prefixes(struct reader *r, struct json_object *object)
{
	const char *key;
	struct json_object *value = get(object, "communityPrefixes", &key);

	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_array)) {
		path_add(r, key);
		return fault(r, "is %s, not a list", type_text(value));
	}
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		struct json_object *prefix = json_object_array_get_idx(value, i);

		if (json_object_is_type(prefix, json_type_string))
			continue;
		path_add(r, key);
		path_index(r, i);
		return fault(r, "is %s, not a string", type_text(prefix));
	}
	return true;
}

static bool read_value(struct reader *r, struct json_object *object, struct listed *listed)
{
	char text[2 * ER_NAME_LEN], shown[EXCERPT_LEN + 4];
	const char *key = "communityValue";
	struct json_object *value = get(object, key, &key);

	if (value && !get_text(r, object, "communityValue", text, sizeof(text)))
		return false;
	if (value && er_community_parse(text, &listed->community) &&
	    listed->community >> 16 == ER_MICROSOFT_AS)
		return true;
	path_add(r, key);
	if (!value)
		return fault(r, "is missing");
	excerpt(text, shown);
	if (er_community_parse(text, &listed->community))
		return fault(r, "\"%s\" is not one of AS %u", shown, ER_MICROSOFT_AS);
	return fault(r, "\"%s\" is no community, as in %u:5010", shown, ER_MICROSOFT_AS);
}

static bool read_authorized(struct reader *r, struct json_object *object, struct listed *listed)
{
	const char *key;
	struct json_object *value = get(object, "isAuthorizedToUse", &key);

	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_boolean)) {
		path_add(r, key);
		return fault(r, "is %s, not true or false", type_text(value));
	}
	listed->authorized = json_object_get_boolean(value) ? AUTHORIZED : NOT_AUTHORIZED;
	return true;
}

static bool read_community(struct reader *r, struct json_object *object, struct listed *listed)
{
	char group[ER_TEXT_LEN];

	if (!json_object_is_type(object, json_type_object))
		return fault(r, "is %s, not an object", type_text(object));
	if (!read_value(r, object, listed) ||
	    !get_text(r, object, "communityName", listed->name, sizeof(listed->name)) ||
	    !get_text(r, object, "serviceSupportedRegion", listed->region, sizeof(listed->region)) ||
	    !get_text(r, object, "geography", listed->geography, sizeof(listed->geography)) ||
	    !get_text(r, object, "serviceGroup", group, sizeof(group)) ||
	    !read_authorized(r, object, listed) || !check_prefixes(r, object))
		return false;
	if (strcasecmp(listed->region, "Global") == 0)
		listed->region[0] = '\0';
	return true;
}

/* The communities of one service. */
static bool read_communities(struct reader *r, struct json_object *list, const char *service,
			     size_t item)
{
	size_t n = json_object_array_length(list), prefix = strlen(r->path);

	for (size_t i = 0; i < n; i++) {
		struct listed *listed;

		if (r->n == r->size) {
			r->size = r->size ? r->size * 2 : 64;
			r->listed = XREALLOC(MTYPE_ER_LISTED, r->listed,
					     r->size * sizeof(*r->listed));
		}
		listed = &r->listed[r->n];
		memset(listed, 0, sizeof(*listed));
		listed->item = item;
		listed->at = i;
		strlcpy(listed->service, service, sizeof(listed->service));
		path_index(r, i);
		if (!read_community(r, json_object_array_get_idx(list, i), listed))
			return false;
		r->n++;
		r->path[prefix] = '\0';
	}
	return true;
}

static bool read_item(struct reader *r, struct json_object *item, size_t at)
{
	struct json_object *properties, *list;
	char service[2 * ER_NAME_LEN];
	const char *key;

	if (!json_object_is_type(item, json_type_object))
		return fault(r, "is %s, not an object", type_text(item));
	properties = get(item, "properties", &key);
	if (properties) {
		path_add(r, key);
		strlcpy(r->properties, key, sizeof(r->properties));
		if (!json_object_is_type(properties, json_type_object))
			return fault(r, "is %s, not an object", type_text(properties));
	} else {
		properties = item;
	}
	if (!get_text(r, properties, "serviceName", service, sizeof(service)))
		return false;
	if (!*service && !get_text(r, item, "name", service, sizeof(service)))
		return false;
	key = "bgpCommunities";
	list = get(properties, key, &key);
	path_add(r, key);
	strlcpy(r->communities, key, sizeof(r->communities));
	if (!list)
		return fault(r, "is missing");
	if (!json_object_is_type(list, json_type_array))
		return fault(r, "is %s, not a list", type_text(list));
	return read_communities(r, list, service, at);
}

static bool read_items(struct reader *r, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		r->path[0] = '\0';
		path_add(r, r->value);
		path_index(r, i);
		if (!read_item(r, json_object_array_get_idx(list, i), i))
			return false;
	}
	r->path[0] = '\0';
	if (!r->n)
		return fault(r, "the list has no communities");
	return true;
}

static bool read_root(struct reader *r, struct json_object *root)
{
	struct json_object *list, *next;
	const char *key;

	if (json_object_is_type(root, json_type_array))
		return read_items(r, root);
	if (!json_object_is_type(root, json_type_object))
		return fault(r, "it is %s, not a list of communities", type_text(root));
	list = get(root, "value", &key);
	if (!list)
		return fault(r, "it is an object without \"value\", not a list of communities");
	strlcpy(r->value, key, sizeof(r->value));
	if (!json_object_is_type(list, json_type_array)) {
		path_add(r, key);
		return fault(r, "is %s, not a list", type_text(list));
	}
	/* one page of several: in place of the whole it would lose names */
	next = get(root, "nextLink", &key);
	if (next && json_object_get_string_len(next)) {
		path_add(r, key);
		return fault(r, "the list goes on elsewhere, this is its first part");
	}
	return read_items(r, list);
}

/* ------------------------------------------------------------------ *
 * names
 * ------------------------------------------------------------------ */

static int listed_cmp(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	if (x->community != y->community)
		return x->community < y->community ? -1 : 1;
	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static bool no_duplicates(struct reader *r)
{
	for (size_t i = 1; i < r->n; i++) {
		const struct listed *listed = &r->listed[i];
		char first[ER_TEXT_LEN], text[ER_COMMUNITY_STRLEN];

		if (listed[-1].community != listed->community)
			continue;
		path_of(r, &listed[-1]);
		strlcpy(first, r->path, sizeof(first));
		path_of(r, listed);
		return fault(r, "%s is in the list already, at %s",
			     er_community_str(listed->community, text), first);
	}
	return true;
}

/* The community of the same region in another thousand; 0: of no region. */
static er_community sibling(er_community community, unsigned int thousand)
{
	unsigned int value = community & UINT16_MAX;

	if (value < PRIVATE_REGIONS || value >= REGION_SERVICES_END)
		return 0;
	return ER_COMMUNITY(community >> 16, thousand + value % 1000);
}

/* What base has of the same region: its entry in any of the thousands. */
static const struct er_catalogue_entry *base_region(const struct er_catalogue *base,
						    er_community community)
{
	const struct er_catalogue_entry *entry = NULL;

	if (!sibling(community, REGIONS))
		return NULL;
	for (unsigned int t = PRIVATE_REGIONS; !entry && t < REGION_SERVICES_END; t += 1000)
		entry = er_catalogue_find(base, sibling(community, t));
	return entry;
}

/* What base calls the same service: its entry in another region. */
static const struct er_catalogue_entry *base_service(const struct er_catalogue *base,
						     er_community community)
{
	unsigned int thousand = (community & UINT16_MAX) / 1000 * 1000;

	if (thousand < REGION_SERVICES || thousand >= REGION_SERVICES_END)
		return NULL;
	for (unsigned int i = 0; i < 1000; i++) {
		const struct er_catalogue_entry *entry =
			er_catalogue_find(base, ER_COMMUNITY(community >> 16, thousand + i));

		if (entry)
			return entry;
	}
	return NULL;
}

static const struct er_catalogue_row *row_of(const struct er_catalogue *catalogue,
					     er_community community)
{
	const struct er_catalogue_entry *entry = er_catalogue_find(catalogue, community);

	return entry ? container_of(entry, struct er_catalogue_row, entry) : NULL;
}

static void set_name(char name[ER_NAME_LEN], char slug[ER_NAME_LEN], const char *text)
{
	strlcpy(name, text, ER_NAME_LEN);
	er_slug(name, slug, ER_NAME_LEN);
}

/* "Storage East US" -> "Storage"; false when the region is not behind it. */
static bool cut_region(char *name, const char *region)
{
	size_t n = strlen(name), m = strlen(region);

	if (!m || n < m || strcasecmp(name + n - m, region) != 0 ||
	    (n > m && name[n - m - 1] != ' '))
		return false;
	for (n -= m; n && name[n - 1] == ' ';)
		n--;
	name[n] = '\0';
	return true;
}

/* Azure lists a region as "Azure Central India" of region "Global". */
static const char *region_named(const struct listed *listed)
{
	static const char azure[] = "Azure ";
	const char *name = *listed->name ? listed->name : listed->service;

	if (*listed->region)
		return listed->region;
	return strncasecmp(name, azure, sizeof(azure) - 1) == 0 ? name + sizeof(azure) - 1 : name;
}

static bool name_region(struct reader *r, const struct listed *listed, struct er_catalogue_row *row)
{
	const char *name = region_named(listed);

	if (strlen(name) >= ER_NAME_LEN)
		return fault(r, "the region's name has more than %d characters", ER_NAME_LEN - 1);
	set_name(row->region_name, row->region, name);
	return *row->region || fault(r, "the region has no name");
}

/* The region of a service: said, or that of its number. */
static void place_service(const struct listed *listed, const struct er_catalogue *catalogue,
			  const struct er_catalogue *base, struct er_catalogue_row *row)
{
	const struct er_catalogue_row *region = row_of(catalogue,
						       sibling(listed->community, REGIONS));
	const struct er_catalogue_entry *known = base_region(base, listed->community);

	if (*listed->region)
		set_name(row->region_name, row->region, listed->region);
	else if (region)
		set_name(row->region_name, row->region, region->region_name);
	else if (known)
		set_name(row->region_name, row->region, known->region_name);
}

static bool name_service(struct reader *r, const struct listed *listed,
			 const struct er_catalogue *base, struct er_catalogue_row *row)
{
	const struct er_catalogue_entry *known = base_service(base, listed->community);
	char name[2 * ER_NAME_LEN];

	strlcpy(name, *listed->name ? listed->name : listed->service, sizeof(name));
	if (*row->region && !cut_region(name, row->region_name) && !*listed->region && known)
		strlcpy(name, known->service_name, sizeof(name));
	if (!*name)
		strlcpy(name, listed->service, sizeof(name));
	if (strlen(name) >= ER_NAME_LEN)
		return fault(r, "the service's name has more than %d characters", ER_NAME_LEN - 1);
	set_name(row->service_name, row->service, name);
	return *row->service || fault(r, "the service has no name");
}

static void also(char buf[ER_NAME_LEN], const char *slug, const char *known, const char *known_also)
{
	strlcpy(buf, strcmp(slug, known) == 0 ? known_also : known, ER_NAME_LEN);
}

/* What the list does not say. */
static void complete(const struct listed *listed, const struct er_catalogue *base,
		     struct er_catalogue_row *row)
{
	const struct er_catalogue_entry *known = er_catalogue_find(base, listed->community);
	const struct er_catalogue_entry *region = base_region(base, listed->community);
	const struct er_catalogue_entry *service = known ? known
							 : base_service(base, listed->community);

	if (*row->service && service)
		also(row->also_service, row->service, service->service, service->also_service);
	if (*row->region && region)
		also(row->also_region, row->region, region->region, region->also_region);
	if (*listed->geography)
		set_name(row->geography_name, row->geography, listed->geography);
	else if (known || region)
		set_name(row->geography_name, row->geography,
			 (known ? known : region)->geography_name);
	row->entry.authorization = listed->authorized == NOT_AUTHORIZED ||
				   (listed->authorized == AUTHORIZED_NOT_SAID && known &&
				    known->authorization);
}

static bool is_region(er_community community)
{
	enum er_catalogue_kind kind = er_community_kind(community);

	return kind == ER_KIND_PRIVATE_REGION || kind == ER_KIND_REGION;
}

/* The list's rows, sorted as it is: regions first, services look for them. */
static bool take_listed(struct reader *r, struct er_catalogue *catalogue,
			const struct er_catalogue *base)
{
	for (size_t i = 0; i < r->n; i++) {
		catalogue->row[i].entry.community = r->listed[i].community;
		catalogue->row[i].entry.kind = er_community_kind(r->listed[i].community);
	}
	catalogue->n = r->n;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < r->n; i++) {
			const struct listed *listed = &r->listed[i];
			struct er_catalogue_row *row = &catalogue->row[i];

			if (is_region(listed->community) != (pass == 0))
				continue;
			path_of(r, listed);
			if (pass == 0) {
				if (!name_region(r, listed, row))
					return false;
			} else {
				place_service(listed, catalogue, base, row);
				if (!name_service(r, listed, base, row))
					return false;
			}
			complete(listed, base, row);
		}
	}
	return true;
}

static bool lists_private(const struct er_catalogue *catalogue)
{
	for (size_t i = 0; i < catalogue->n; i++)
		if (catalogue->row[i].entry.kind == ER_KIND_PRIVATE_REGION)
			return true;
	return false;
}

/* Base's rows that stay.  A region that the list names has one name in all. */
static void take_base(struct er_catalogue *catalogue, const struct er_catalogue *base, bool extend)
{
	bool private = !extend && !lists_private(catalogue);
	size_t n = catalogue->n;

	for (size_t i = 0; i < er_catalogue_count(base); i++) {
		const struct er_catalogue_row *from = &base->row[i];
		er_community community = from->entry.community;
		const struct er_catalogue_row *region = row_of(catalogue,
							       sibling(community, REGIONS));
		bool stays = extend ||
			     (private && region && from->entry.kind == ER_KIND_PRIVATE_REGION);
		struct er_catalogue_row *to = &catalogue->row[n];

		if (!stays || er_catalogue_find(catalogue, community))
			continue;
		*to = *from;
		if (region) {
			also(to->also_region, region->region, from->region, from->also_region);
			set_name(to->region_name, to->region, region->region_name);
		}
		n++;
	}
	catalogue->n = n;
}

static int row_cmp(const void *a, const void *b)
{
	const struct er_catalogue_row *x = a, *y = b;

	if (x->entry.community == y->entry.community)
		return 0;
	return x->entry.community < y->entry.community ? -1 : 1;
}

/* Rows have their final places: entries can point into them. */
static void settle(struct er_catalogue *catalogue)
{
	qsort(catalogue->row, catalogue->n, sizeof(*catalogue->row), row_cmp);
	for (size_t i = 0; i < catalogue->n; i++) {
		struct er_catalogue_row *row = &catalogue->row[i];

		row->entry.service = row->service;
		row->entry.service_name = row->service_name;
		row->entry.region = row->region;
		row->entry.region_name = row->region_name;
		row->entry.geography = row->geography;
		row->entry.geography_name = row->geography_name;
		row->entry.also_service = row->also_service;
		row->entry.also_region = row->also_region;
	}
}

static struct er_catalogue *assemble(struct reader *r, const struct er_catalogue *base, bool extend)
{
	struct er_catalogue *catalogue;

	qsort(r->listed, r->n, sizeof(*r->listed), listed_cmp);
	if (!no_duplicates(r))
		return NULL;
	catalogue = er_catalogue_new(r->n + er_catalogue_count(base));
	if (!take_listed(r, catalogue, base)) {
		er_catalogue_free(&catalogue);
		return NULL;
	}
	take_base(catalogue, base, extend);
	settle(catalogue);
	return catalogue;
}

struct er_catalogue *er_catalogue_parse(const char *text, size_t len,
					const struct er_catalogue *base, bool extend,
					char *problem, size_t problem_len)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct reader r = { .problem = problem, .problem_len = problem_len };
	struct er_catalogue *catalogue = NULL;
	struct json_object *root;

	problem[0] = '\0';
	if (len > ER_CATALOGUE_MAX) {
		fault(&r, "it has %zu bytes, at most %u are read", len, ER_CATALOGUE_MAX);
		return NULL;
	}
	if (len >= 3 && memcmp(text, bom, 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (is_blank(text, len)) {
		fault(&r, "it is empty");
		return NULL;
	}
	if (!scan(&r, text, len))
		return NULL;
	root = parse(&r, text, len);
	if (root && read_root(&r, root))
		catalogue = assemble(&r, base, extend);
	json_object_put(root);
	XFREE(MTYPE_ER_LISTED, r.listed);
	return catalogue;
}

/* ------------------------------------------------------------------ *
 * printing
 * ------------------------------------------------------------------ */

/* Regions are listed under one service each, as in the published table. */
static const char *service_title(const struct er_catalogue_row *row)
{
	switch (row->entry.kind) {
	case ER_KIND_PRIVATE_REGION:
		return "Virtual networks";
	case ER_KIND_REGION:
		return "All regional";
	default:
		return row->service_name;
	}
}

static int title_cmp(const void *a, const void *b)
{
	const struct er_catalogue_row *x = *(const struct er_catalogue_row *const *)a;
	const struct er_catalogue_row *y = *(const struct er_catalogue_row *const *)b;
	int cmp = strcmp(service_title(x), service_title(y));

	return cmp ? cmp : row_cmp(x, y);
}

static struct json_object *community_json(const struct er_catalogue_row *row)
{
	struct json_object *json = json_object_new_object();
	char name[2 * ER_NAME_LEN], value[ER_COMMUNITY_STRLEN];

	snprintf(name, sizeof(name), "%s%s%s", row->service_name,
		 *row->service && *row->region ? " " : "", row->region_name);
	json_object_object_add(json, "serviceSupportedRegion",
			       json_object_new_string(*row->region ? row->region_name : "Global"));
	json_object_object_add(json, "communityName", json_object_new_string(name));
	json_object_object_add(json, "communityValue",
			       json_object_new_string(
				       er_community_str(row->entry.community, value)));
	json_object_object_add(json, "isAuthorizedToUse",
			       json_object_new_boolean(!row->entry.authorization));
	if (*row->geography)
		json_object_object_add(json, "geography",
				       json_object_new_string(row->geography_name));
	return json;
}

static struct json_object *service_json(const char *title, struct json_object **communities)
{
	struct json_object *json = json_object_new_object();

	*communities = json_object_new_array();
	json_object_object_add(json, "serviceName", json_object_new_string(title));
	json_object_object_add(json, "bgpCommunities", *communities);
	return json;
}

char *er_catalogue_print(const struct er_catalogue *catalogue)
{
	size_t n = er_catalogue_count(catalogue);
	const struct er_catalogue_row **row = XCALLOC(MTYPE_TMP, (n + 1) * sizeof(*row));
	struct json_object *list = json_object_new_array(), *communities = NULL;
	char *text;

	for (size_t i = 0; i < n; i++)
		row[i] = &catalogue->row[i];
	if (n)
		qsort(row, n, sizeof(*row), title_cmp);
	for (size_t i = 0; i < n; i++) {
		const char *title = service_title(row[i]);

		if (!i || strcmp(title, service_title(row[i - 1])) != 0)
			json_object_array_add(list, service_json(title, &communities));
		json_object_array_add(communities, community_json(row[i]));
	}
	XFREE(MTYPE_TMP, row);
	text = strdup(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY |
								   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(list);
	return text;
}
