/* Which lines of a block are surely good rows, and what these hold.

   It only ever says yes. A line with anything unusual, or anything to complain of, is left to
   Python, which is the authority: see accelerator.py for the contract and validating.py for the
   rules. Such a line gets a signature: lines that have the same one are judged alike.

   Three things make it safe to read on without counting bytes: a block is a bytes object, behind
   which Python keeps a NUL; no token of JSON holds a NUL or goes on behind one; and where eight
   bytes are read at once, or a stretch is compared, the end is looked at first. */

#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000 /* one binary for Python 3.11 and all later ones */
#endif
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__) && defined(__GNUC__)
#define WITH_SSE 1
#include <immintrin.h>
#else
#define WITH_SSE 0
#endif

enum {
    DEEPEST = 64, /* levels of arrays and objects that are followed */
    KEYS = 256,   /* keys of all the objects around a place */
    CALLS = 64,   /* calls of tools in one row */
    TOOLS = 128,  /* tools of one row, and different names of them in its signature */
    NAME = 256,   /* bytes of the longest name of a tool; Python cuts longer ones */
    IDS = 64,     /* different ids in one row that has a signature */
    FIRST = 16,   /* bytes at which a line that is no JSON is looked at */
    LITERAL = 64, /* bytes of the longest line that is no JSON and has a signature */
    LONGEST_ARGUMENTS = 1 << 20,
};

typedef const unsigned char *Place;

typedef struct {
    Place start, end; /* without the quotes */
    bool escaped, garbled, half;
} Text;

typedef enum { SYSTEM, DEVELOPER, USER, ASSISTANT, TOOL, FUNCTION, ROLES, NOBODY } Role;

static const char *const role_names[ROLES] = {"system",    "developer", "user",
                                              "assistant", "tool",      "function"};

/* What an object, or what is inside an array, was seen to have. */
enum {
    FILLED = 1,
    NAMED = 2,
    HAS_FUNCTION = 4,
    MESSAGES = 8,
    SAID = 16, /* a content says something */
    THOUGHT = 32, /* a turn has something to learn besides its content */
    CALLED = 64, /* a message calls tools */
    IMAGE = 128,
    HAS_TOOLS = 256,
    REASONING = 512,
    ARGUED = 1024, /* a call has arguments */
    IDENTIFIED = 2048, /* a call has an id */
    BLANK_TEXT = 4096, /* a part of a content has a blank text */
    OBJECTS = 8192, /* a call has an object for arguments */
    STRINGS = 16384, /* a call has a string of JSON for arguments */
};

typedef struct {
    Text id;
    bool waits; /* for its answer */
} Call;

typedef struct {
    Place at, end;
    int depth;
    Text keys[KEYS];
    int held;
    bool utf8; /* whether all that is read surely is */
    bool inside; /* a string: line ends are white space, and keys may stand twice */
    bool halves; /* halves of characters are read over */
    bool unsure; /* what was refused inside may be right */
    unsigned char *scratch; /* a string without its escapes */
    size_t room;

    uint64_t roles[ROLES], roles_here[ROLES]; /* in good rows; in the row that is being read */
    unsigned row;        /* what the row has */

    Role role, before; /* of the message, and of the one before it */
    Text answers;      /* the id of the call that the message answers */
    bool weight;       /* whether the message is learnt from */
    bool calling, begun, greeted, asked, taught, weighted;
    bool garbled; /* a text of the row may have been decoded wrongly */
    Call calls[CALLS];
    int called, waiting;
    Text name; /* of the tool or call that is being read, or of the function in it */
    Text tools[TOOLS], meant[CALLS]; /* names that tools have; different ones that calls have */
    int tool_count, meant_count;

    uint64_t signature;
    Text ids[IDS], names[TOOLS];
    int identified, named;
    int naming; /* levels of values in which names are those of tools */
} Scan;

typedef struct {
    uint64_t signature, digest, length;
    uint32_t line, start, stop, literal; /* whether the signature is of the bytes themselves */
} Rest;

typedef struct {
    uint64_t *hashes, *lengths; /* of good rows */
    uint32_t *places;
    Rest *rest;
    size_t rows, others;
    uint32_t lines;
    uint64_t tools, images, reasoning;
    int64_t objects, strings; /* the first lines with arguments of each kind, or -1 */
} Found;

/* ---- Text ------------------------------------------------------------------------------- */

static bool continues(unsigned char c)
{
    return c >= 0x80 && c < 0xC0;
}

/* Return how many bytes a character that is not ASCII has, or 0 if it is none. */
static int wide(Place p)
{
    if (p[0] < 0xC2) return 0;
    if (p[0] < 0xE0) return continues(p[1]) ? 2 : 0;
    if (p[0] < 0xF0) {
        bool second = p[0] == 0xE0   ? p[1] >= 0xA0 && p[1] < 0xC0
                      : p[0] == 0xED ? p[1] >= 0x80 && p[1] < 0xA0 /* no surrogates */
                                     : continues(p[1]);
        return second && continues(p[2]) ? 3 : 0;
    }
    if (p[0] < 0xF5) {
        bool second = p[0] == 0xF0   ? p[1] >= 0x90 && p[1] < 0xC0
                      : p[0] == 0xF4 ? p[1] >= 0x80 && p[1] < 0x90
                                     : continues(p[1]);
        return second && continues(p[2]) && continues(p[3]) ? 4 : 0;
    }
    return 0;
}

/* Return the value of four hex digits, or -1. */
static int32_t hex(Place p)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        unsigned char c = p[i], letter = c | 0x20;
        if (c >= '0' && c <= '9') value = value << 4 | (c - '0');
        else if (letter >= 'a' && letter <= 'f') value = value << 4 | (letter - 'a' + 10);
        else return -1;
    }
    return value;
}

#if WITH_SSE
/* Shift three bytes of what is before a vector into it, or two, or one. */
#define BEFORE(now, before, bytes) _mm_alignr_epi8(now, before, 16 - (bytes))

/* Return what is wrong with the characters of 16 bytes, by J. Keiser and D. Lemire, "Validating
   UTF-8 in less than one instruction per byte" (2021): for each byte and the one before it, three
   tables say which mistakes their halves allow, and what all of them allow is made. */
__attribute__((target("ssse3"))) static __m128i mistakes(__m128i now, __m128i before)
{
    enum {
        SHORT = 1,      /* a lead without what has to follow */
        LONG = 2,       /* what follows nothing */
        OVERLONG_3 = 4,
        SURROGATE = 16,
        OVERLONG_2 = 32,
        LARGE = 8,      /* beyond U+10FFFF */
        LARGER = 64,    /* the same, or an overlong one of four bytes */
        FOLLOWS = 128,  /* two that follow, which three or four bytes may have */
        ANY = SHORT | LONG | FOLLOWS,
    };
    const __m128i high_before = _mm_setr_epi8(
        LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, (char)FOLLOWS, (char)FOLLOWS,
        (char)FOLLOWS, (char)FOLLOWS, SHORT | OVERLONG_2, SHORT,
        SHORT | OVERLONG_3 | SURROGATE, SHORT | LARGE | LARGER);
    const __m128i low_before = _mm_setr_epi8(
        (char)(ANY | OVERLONG_3 | OVERLONG_2 | LARGER), (char)(ANY | OVERLONG_2), (char)ANY,
        (char)ANY, (char)(ANY | LARGE), (char)(ANY | LARGE | LARGER),
        (char)(ANY | LARGE | LARGER), (char)(ANY | LARGE | LARGER),
        (char)(ANY | LARGE | LARGER), (char)(ANY | LARGE | LARGER),
        (char)(ANY | LARGE | LARGER), (char)(ANY | LARGE | LARGER),
        (char)(ANY | LARGE | LARGER), (char)(ANY | LARGE | LARGER | SURROGATE),
        (char)(ANY | LARGE | LARGER), (char)(ANY | LARGE | LARGER));
    const __m128i high_now = _mm_setr_epi8(
        SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT,
        (char)(LONG | OVERLONG_2 | FOLLOWS | OVERLONG_3 | LARGER),
        (char)(LONG | OVERLONG_2 | FOLLOWS | OVERLONG_3 | LARGE),
        (char)(LONG | OVERLONG_2 | FOLLOWS | SURROGATE | LARGE),
        (char)(LONG | OVERLONG_2 | FOLLOWS | SURROGATE | LARGE), SHORT, SHORT, SHORT, SHORT);
    const __m128i half = _mm_set1_epi8(0x0F), high = _mm_set1_epi8((char)0x80);
    __m128i one = BEFORE(now, before, 1);
    __m128i found = _mm_and_si128(
        _mm_and_si128(
            _mm_shuffle_epi8(high_before, _mm_and_si128(_mm_srli_epi16(one, 4), half)),
            _mm_shuffle_epi8(low_before, _mm_and_si128(one, half))),
        _mm_shuffle_epi8(high_now, _mm_and_si128(_mm_srli_epi16(now, 4), half)));
    /* Where the third byte of three or the fourth of four has to be, two do follow. */
    __m128i third = _mm_subs_epu8(BEFORE(now, before, 2), _mm_set1_epi8((char)(0xE0 - 0x80)));
    __m128i fourth = _mm_subs_epu8(BEFORE(now, before, 3), _mm_set1_epi8((char)(0xF0 - 0x80)));
    return _mm_xor_si128(_mm_and_si128(_mm_or_si128(third, fourth), high), found);
}

/* Whether a stretch is UTF-8. */
__attribute__((target("ssse3"))) static bool is_utf8(Place p, Place end)
{
    __m128i before = _mm_setzero_si128(), wrong = _mm_setzero_si128();
    for (; p < end; p += 16) {
        __m128i now;
        if (end - p >= 16) {
            now = _mm_loadu_si128((const __m128i *)p);
        } else {
            unsigned char rest[16] = {0};
            memcpy(rest, p, (size_t)(end - p));
            now = _mm_loadu_si128((const __m128i *)rest);
        }
        if (_mm_movemask_epi8(_mm_or_si128(now, before))) /* else all of it is ASCII */
            wrong = _mm_or_si128(wrong, mistakes(now, before));
        before = now;
    }
    /* As if more of ASCII came: a character that is cut off is short. */
    wrong = _mm_or_si128(wrong, mistakes(_mm_setzero_si128(), before));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(wrong, _mm_setzero_si128())) == 0xFFFF;
}
#endif

/* Whether a stretch is surely UTF-8, so that its characters need not be looked at one by one. */
static bool surely_utf8(Place p, Place end)
{
#if WITH_SSE
    return __builtin_cpu_supports("ssse3") && is_utf8(p, end);
#else
    (void)p;
    (void)end;
    return false;
#endif
}

/* Return how many bytes of a stretch are not the first of their character. */
static uint64_t continuing(Place p, Place end)
{
    uint64_t count = 0;
#if WITH_SSE
    const __m128i first = _mm_set1_epi8((char)0xC0), none = _mm_setzero_si128();
    while (end - p >= 16) {
        __m128i counts = none; /* of bytes, so that they are added up before they overflow */
        for (int i = 0; i < 255 && end - p >= 16; i++, p += 16) {
            __m128i read = _mm_loadu_si128((const __m128i *)p);
            counts = _mm_sub_epi8(counts, _mm_cmplt_epi8(read, first));
        }
        __m128i sums = _mm_sad_epu8(counts, none);
        count += (uint64_t)_mm_cvtsi128_si64(sums)
                 + (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums));
    }
#endif
    for (; p < end; p++) count += continues(*p);
    return count;
}

/* Whether a byte of a string has to be looked at. */
static bool is_odd(unsigned char c, bool utf8)
{
    if (c < 0x80) return c < 0x20 || c == '"' || c == '\\';
    return !utf8 || c == 0xC2 || c == 0xC3 || c == 0xEF; /* these may be garbled */
}

/* Return the first place from here on that has to be looked at, or the end. */
static Place odd(Place p, Place end, bool utf8)
{
#if WITH_SSE
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1F), not_ascii = _mm_set1_epi8(utf8 ? 0 : (char)0x80);
    const __m128i c2 = _mm_set1_epi8((char)0xC2), one = _mm_set1_epi8(1);
    const __m128i ef = _mm_set1_epi8((char)0xEF);
    for (; end - p >= 16; p += 16) {
        __m128i read = _mm_loadu_si128((const __m128i *)p);
        __m128i found = _mm_or_si128(_mm_cmpeq_epi8(read, quote), _mm_cmpeq_epi8(read, slash));
        __m128i c2_or_c3 = _mm_cmpeq_epi8(_mm_andnot_si128(one, read), c2);
        found = _mm_or_si128(found, _mm_or_si128(c2_or_c3, _mm_cmpeq_epi8(read, ef)));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(_mm_min_epu8(read, control), read));
        found = _mm_or_si128(found, _mm_and_si128(read, not_ascii));
        int mask = _mm_movemask_epi8(found);
        if (mask) return p + __builtin_ctz((unsigned)mask);
    }
#endif
    while (p < end && !is_odd(*p, utf8)) p++;
    return p;
}

/* What may follow a backslash, but for `u`. */
static const bool is_escape[256] = {
    ['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true,
    ['f'] = true, ['n'] = true,  ['r'] = true, ['t'] = true,
};

/* Return the end of an escape with `u`, or NULL if it is none, or of half a character. */
static Place escape(Place p)
{
    int32_t unit = hex(p + 2);
    if (unit < 0) return NULL;
    if (unit < 0xD800 || unit > 0xDFFF) return p + 6;
    if (unit > 0xDBFF || p[6] != '\\' || p[7] != 'u') return NULL;
    int32_t low = hex(p + 8);
    return low >= 0xDC00 && low <= 0xDFFF ? p + 12 : NULL;
}

/* Return the character at a place of a string if it is below U+10000, escaped or not; else -1. */
static int32_t character(Place p)
{
    if (*p < 0x80) return *p != '\\' ? *p : p[1] == 'u' ? hex(p + 2) : -1;
    switch (wide(p)) {
    case 2: return (p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    case 3: return (p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    default: return -1;
    }
}

/* Whether a character, and what is at the place behind it, is what garbling.py looks for. */
static bool garbled(int32_t c, Place behind)
{
    if (c == 0xFEFF) return true;
    if (c != 0xC2 && c != 0xC3 && c != 0xE2) return false;
    int32_t following = character(behind);
    if (c == 0xE2) return following == 0x80 || following == 0x20AC;
    return following >= 0x80 && following <= 0xBF;
}

/* Go past an escape with `u`, and return its end, or NULL if it is none. */
static Place unicode_escape(Scan *s, Place p, Text *read)
{
    int32_t unit = hex(p + 2);
    Place end = escape(p);
    s->unsure = true; /* half a character, if it is one */
    if (!end && s->halves && unit >= 0) {
        end = p + 6;
        read->half = true;
    }
    if (end) read->garbled |= garbled(unit, end);
    return end;
}

/* Go past a string, the opening quote of which is next. */
static bool text(Scan *s, Text *read)
{
    Place p = s->at + 1;
    read->start = p;
    read->escaped = read->garbled = read->half = false;
    for (;;) {
        p = odd(p, s->end, s->utf8);
        if (*p == '"') break;
        if (*p == '\\') {
            read->escaped = true;
            if (p[1] == 'u') {
                if (!(p = unicode_escape(s, p, read))) return false;
            } else if (is_escape[p[1]]) {
                p += 2;
            } else {
                return false;
            }
            continue;
        }
        if (*p < 0x80) return false; /* a control character, the NUL at the end, too */
        do {
            int bytes = wide(p);
            if (!bytes) return false;
            if (*p == 0xC3 || *p == 0xC2 || *p == 0xEF)
                read->garbled |= garbled(character(p), p + bytes);
            p += bytes;
        } while (*p >= 0x80 && !s->utf8);
    }
    read->end = p;
    s->at = p + 1;
    s->garbled |= read->garbled;
    return true;
}

static bool is(Text text, const char *word)
{
    size_t size = (size_t)(text.end - text.start);
    return size == strlen(word) && memcmp(text.start, word, size) == 0;
}

static bool same(Text a, Text b)
{
    return a.end - a.start == b.end - b.start
           && memcmp(a.start, b.start, (size_t)(a.end - a.start)) == 0;
}

/* Whether Python's strip() takes a character away. */
static bool white(int32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0
           || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029
           || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Whether a text that was read is empty or white space. */
static bool blank(Text text)
{
    Place p = text.start;
    while (p < text.end) {
        int32_t c = *p;
        int bytes = 1;
        if (c == '\\') {
            bytes = p[1] == 'u' ? 6 : 2;
            c = p[1] == 'u'   ? hex(p + 2)
                : p[1] == 't' ? '\t'
                : p[1] == 'n' ? '\n'
                : p[1] == 'f' ? '\f'
                : p[1] == 'r' ? '\r'
                              : 'x';
        } else if (c >= 0x80) {
            bytes = wide(p);
            if (bytes == 4) return false;
            c = bytes == 2 ? (p[0] & 0x1F) << 6 | (p[1] & 0x3F)
                           : (p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
        }
        if (!white(c)) return false;
        p += bytes;
    }
    return true;
}

/* ---- JSON ------------------------------------------------------------------------------- */

typedef bool (*Value)(Scan *, unsigned *facts);
typedef bool (*Member)(Scan *, Text key, unsigned *facts);

/* Return the first byte of the next token. */
static unsigned char next(Scan *s)
{
    while (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || (s->inside && *s->at == '\n'))
        s->at++;
    return *s->at;
}

static bool word(Scan *s, const char *expected)
{
    size_t size = strlen(expected);
    if (strncmp((const char *)s->at, expected, size) != 0) return false;
    s->at += size;
    return true;
}

static bool digits(Place *p)
{
    Place start = *p;
    while (**p >= '0' && **p <= '9') ++*p;
    return *p > start;
}

/* Whether digits are a number of 64 bits, with a sign or without. */
static bool fits(Place p, Place end, bool negative)
{
    uint64_t value = 0, most = negative ? UINT64_C(1) << 63 : UINT64_MAX;
    for (; p < end; p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (value > (most - digit) / 10) return false;
        value = value * 10 + digit;
    }
    return true;
}

typedef enum { NO_NUMBER, PLAIN, BEYOND_64_BITS, TOO_LONG } Number;

static Number any_number(Scan *s)
{
    Place p = s->at;
    bool negative = *p == '-';
    p += negative;
    Place start = p;
    if (*p == '0') p++;
    else if (!digits(&p)) return NO_NUMBER;
    Number found = p - start < 19 || fits(start, p, negative) ? PLAIN
                   : p - start > 4300                         ? TOO_LONG
                                                              : BEYOND_64_BITS;
    if (*p == '.') {
        p++;
        if (!digits(&p)) return NO_NUMBER;
        found = PLAIN;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        if (*p == '+' || *p == '-') p++;
        if (!digits(&p)) return NO_NUMBER;
        found = PLAIN;
    }
    s->at = p;
    return found;
}

static bool number(Scan *s)
{
    Number found = any_number(s);
    return found == PLAIN || (s->inside && found != NO_NUMBER);
}

/* Whether one more level of arrays and objects can be followed. */
static bool deeper(Scan *s)
{
    bool can = ++s->depth <= DEEPEST;
    s->unsure |= !can;
    return can;
}

/* Go past an array, reading each value in it. */
static bool array(Scan *s, Value value, unsigned *facts)
{
    if (!deeper(s)) return false;
    s->at++;
    if (next(s) != ']') {
        *facts |= FILLED;
        for (;;) {
            next(s);
            if (!value(s, facts)) return false;
            if (next(s) != ',') break;
            s->at++;
        }
        if (*s->at != ']') return false;
    }
    s->at++;
    s->depth--;
    return true;
}

/* Remember a key, unless it stands in its object for the second time, or may do. */
static bool new_key(Scan *s, int first, Text key)
{
    if (s->inside) return true;
    if (key.escaped || s->held == KEYS) return false;
    for (int i = first; i < s->held; i++) {
        if (same(s->keys[i], key)) return false;
    }
    s->keys[s->held++] = key;
    return true;
}

/* Go past an object, reading the value of each key. */
static bool object(Scan *s, Member member, unsigned *facts)
{
    int first = s->held;
    if (!deeper(s)) return false;
    s->at++;
    if (next(s) != '}') {
        *facts |= FILLED;
        for (;;) {
            Text key;
            if (next(s) != '"' || !text(s, &key) || !new_key(s, first, key)) return false;
            if (next(s) != ':') return false;
            s->at++;
            next(s);
            if (!member(s, key, facts)) return false;
            if (next(s) != ',') break;
            s->at++;
        }
        if (*s->at != '}') return false;
    }
    s->at++;
    s->depth--;
    s->held = first;
    return true;
}

static bool anything(Scan *s, unsigned *facts);

static bool any_member(Scan *s, Text key, unsigned *facts)
{
    (void)key;
    return anything(s, facts);
}

static bool anything(Scan *s, unsigned *facts)
{
    unsigned inside = 0;
    Text ignored;
    (void)facts;
    switch (*s->at) {
    case '"': return text(s, &ignored);
    case '{': return object(s, any_member, &inside);
    case '[': return array(s, anything, &inside);
    case 't': return word(s, "true");
    case 'f': return word(s, "false");
    case 'n': return word(s, "null");
    default: return number(s);
    }
}

/* ---- Strings of JSON --------------------------------------------------------------------- */

static unsigned char *put(unsigned char *to, int32_t c)
{
    if (c < 0x80) {
        *to++ = (unsigned char)c;
    } else if (c < 0x800) {
        *to++ = (unsigned char)(0xC0 | c >> 6);
        *to++ = (unsigned char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *to++ = (unsigned char)(0xE0 | c >> 12);
        *to++ = (unsigned char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (unsigned char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (unsigned char)(0xF0 | c >> 18);
        *to++ = (unsigned char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (unsigned char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (unsigned char)(0x80 | (c & 0x3F));
    }
    return to;
}

/* Write a text that was read without its escapes, and return its end. */
static unsigned char *unescaped(Text text, unsigned char *to)
{
    Place p = text.start;
    while (p < text.end) {
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        unsigned char c = p[1];
        if (c == 'u') {
            int32_t unit = hex(p + 2);
            p += 6;
            if (unit >= 0xD800 && unit <= 0xDBFF) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (hex(p + 2) - 0xDC00);
                p += 6;
            }
            to = put(to, unit);
            continue;
        }
        *to++ = c == 'b' ? '\b' : c == 'f' ? '\f' : c == 'n' ? '\n' : c == 'r' ? '\r'
                : c == 't' ? '\t' : c;
        p += 2;
    }
    return to;
}

typedef enum { NO, YES, UNSURE } Answer;

/* Return whether a text that was read is JSON. */
static Answer is_json(Scan *s, Text text)
{
    size_t size = (size_t)(text.end - text.start);
    if (size > LONGEST_ARGUMENTS) return UNSURE;
    if (size + 1 > s->room) {
        unsigned char *larger = realloc(s->scratch, 2 * size + 64);
        if (!larger) return UNSURE;
        s->scratch = larger;
        s->room = 2 * size + 64;
    }
    Place at = s->at, end = s->end;
    int depth = s->depth;
    bool unsure = s->unsure;
    unsigned ignored = 0;
    unsigned char *stop = unescaped(text, s->scratch);
    *stop = 0;
    s->at = s->scratch;
    s->end = stop;
    s->depth = 0;
    s->inside = true;
    s->unsure = false;
    next(s);
    bool good = anything(s, &ignored);
    if (good) {
        next(s);
        good = s->at == s->end;
    }
    Answer answer = good ? YES : s->unsure ? UNSURE : NO;
    s->at = at;
    s->end = end;
    s->depth = depth;
    s->inside = false;
    s->unsure = unsure;
    return answer;
}

/* ---- Rows: schemas/row.schema.json, conversation.py, and what is counted ------------------ */

/* Go past the name of a tool: a text that is not blank, or too long. */
static bool name(Scan *s, unsigned *facts)
{
    *facts |= NAMED;
    return *s->at == '"' && text(s, &s->name) && !blank(s->name)
           && s->name.end - s->name.start <= NAME;
}

static bool is_among(Text name, const Text *names, int count)
{
    for (int i = 0; i < count; i++) {
        if (same(names[i], name)) return true;
    }
    return false;
}

/* Go past a text or null, and note a fact if something is said. */
static bool words(Scan *s, unsigned *facts, unsigned fact)
{
    Text read;
    if (*s->at != '"') return word(s, "null");
    if (!text(s, &read)) return false;
    if (!blank(read)) *facts |= fact;
    return true;
}

static bool list_or_null(Scan *s, Value value, unsigned *facts)
{
    return *s->at == '[' ? array(s, value, facts) : word(s, "null");
}

static bool object_or_null(Scan *s)
{
    unsigned inside = 0;
    return *s->at == '{' ? object(s, any_member, &inside) : word(s, "null");
}

static bool function_member(Scan *s, Text key, unsigned *facts)
{
    if (is(key, "name")) return name(s, facts);
    if (is(key, "description")) return words(s, facts, 0);
    if (is(key, "parameters")) return object_or_null(s);
    return anything(s, facts);
}

static bool tool_member(Scan *s, Text key, unsigned *facts)
{
    unsigned inside = 0;
    if (!is(key, "function")) return function_member(s, key, facts);
    *facts |= HAS_FUNCTION;
    return *s->at == '{' && object(s, function_member, &inside) && inside & NAMED;
}

/* Go past a tool, and remember its name, unless there are too many, or another one has it. */
static bool tool(Scan *s, unsigned *facts)
{
    unsigned inside = 0;
    (void)facts;
    if (*s->at != '{' || !object(s, tool_member, &inside)) return false;
    if (!(inside & NAMED) == !(inside & HAS_FUNCTION)) return false; /* none, or which of two? */
    if (s->name.escaped || s->tool_count == TOOLS) return false;
    if (is_among(s->name, s->tools, s->tool_count)) return false;
    s->tools[s->tool_count++] = s->name;
    return true;
}

/* Go past the arguments of a call: an object, or a string of JSON. */
static bool call_arguments(Scan *s, unsigned *facts)
{
    Text read;
    unsigned inside = 0;
    *facts |= ARGUED;
    switch (*s->at) {
    case '{':
        s->row |= OBJECTS;
        return object(s, any_member, &inside);
    case '"':
        s->row |= STRINGS;
        return text(s, &read) && is_json(s, read) == YES;
    default:
        return word(s, "null");
    }
}

static bool called_member(Scan *s, Text key, unsigned *facts)
{
    if (is(key, "name")) return name(s, facts);
    if (is(key, "arguments")) return call_arguments(s, facts);
    return anything(s, facts);
}

/* Remember the id of a call, unless there are too many, or another one with it waits. */
static bool call_id(Scan *s, unsigned *facts)
{
    Text read;
    *facts |= IDENTIFIED;
    if (*s->at != '"' || !text(s, &read) || read.escaped || s->called == CALLS) return false;
    for (int i = 0; i < s->called; i++) {
        if (s->calls[i].waits && same(s->calls[i].id, read)) return false;
    }
    s->calls[s->called++] = (Call){.id = read, .waits = true};
    s->waiting++;
    return true;
}

static bool call_member(Scan *s, Text key, unsigned *facts)
{
    unsigned inside = 0;
    if (is(key, "id")) return call_id(s, facts);
    if (!is(key, "function")) return called_member(s, key, facts);
    *facts |= HAS_FUNCTION;
    return *s->at == '{' && object(s, called_member, &inside) && inside & NAMED;
}

static bool call(Scan *s, unsigned *facts)
{
    unsigned inside = 0;
    (void)facts;
    if (*s->at != '{' || !object(s, call_member, &inside)) return false;
    if (inside & HAS_FUNCTION && inside & (ARGUED | NAMED)) return false; /* which of them count? */
    if (!(inside & IDENTIFIED && inside & (NAMED | HAS_FUNCTION))) return false;
    if (!is_among(s->name, s->meant, s->meant_count)) s->meant[s->meant_count++] = s->name;
    return true; /* there was room for it, as for its id */
}

/* Whether each name that calls have is surely a tool's, or there are no tools. */
static bool calls_tools(const Scan *s)
{
    for (int i = 0; s->tool_count && i < s->meant_count; i++) {
        if (!is_among(s->meant[i], s->tools, s->tool_count)) return false;
    }
    return true;
}

static bool part_member(Scan *s, Text key, unsigned *facts)
{
    Text read;
    bool type = is(key, "type");
    if (!(type || is(key, "text")) || *s->at != '"') return anything(s, facts);
    if (!text(s, &read)) return false;
    if (!type) {
        if (blank(read)) *facts |= BLANK_TEXT;
        return true;
    }
    if (read.escaped) return false;
    if (is(read, "image") || is(read, "image_url")) *facts |= IMAGE;
    return true;
}

/* Go past a part of a content, and note whether it surely says something. */
static bool part(Scan *s, unsigned *facts)
{
    unsigned inside = 0;
    switch (*s->at) {
    case '{':
        if (!object(s, part_member, &inside)) return false;
        if (inside & FILLED && !(inside & BLANK_TEXT)) *facts |= SAID;
        *facts |= inside & IMAGE;
        return true;
    case '"':
        return words(s, facts, SAID);
    default:
        return anything(s, facts);
    }
}

static bool content(Scan *s, unsigned *facts)
{
    unsigned inside = 0;
    switch (*s->at) {
    case '[':
        if (!array(s, part, &inside)) return false;
        break;
    case '{':
        if (!part(s, &inside)) return false;
        break;
    default:
        return words(s, facts, SAID);
    }
    *facts |= inside & SAID;
    s->row |= inside & IMAGE;
    return true;
}

static bool role(Scan *s)
{
    Text read;
    if (*s->at != '"' || !text(s, &read)) return false;
    for (s->role = SYSTEM; s->role < ROLES; s->role++) {
        if (is(read, role_names[s->role])) {
            s->roles_here[s->role]++;
            return true;
        }
    }
    return false;
}

/* Go past the weight of a message: 0, 1 or null. */
static bool weight(Scan *s)
{
    Place start = s->at;
    if (*start != '0' && *start != '1') return word(s, "null");
    s->weight = *start == '1';
    return number(s) && s->at == start + 1;
}

static bool message_member(Scan *s, Text key, unsigned *facts)
{
    unsigned inside = 0;
    if (is(key, "role")) return role(s);
    if (is(key, "content")) return content(s, facts);
    if (is(key, "tool_calls")) {
        if (!list_or_null(s, call, &inside)) return false;
        if (inside & FILLED) *facts |= CALLED;
        return true;
    }
    if (is(key, "tool_call_id")) {
        return *s->at == '"' && text(s, &s->answers) && !s->answers.escaped;
    }
    if (is(key, "name")) return words(s, facts, 0);
    if (is(key, "reasoning")) return words(s, facts, THOUGHT | REASONING);
    if (is(key, "raw_content")) return words(s, facts, THOUGHT);
    if (is(key, "weight")) return weight(s);
    if (is(key, "function_call")) return word(s, "null"); /* a call without an id */
    return anything(s, facts);
}

/* Take the answer to a call that waits for it. */
static bool answer(Scan *s)
{
    for (int i = 0; s->answers.start && i < s->called; i++) {
        Call *call = &s->calls[i];
        if (!call->waits || !same(call->id, s->answers)) continue;
        call->waits = false;
        s->waiting--;
        return true;
    }
    return false;
}

/* Whether there is surely nothing to say of a message after the ones before it. */
static bool turn(Scan *s, unsigned facts)
{
    bool alternates = s->role < TOOL;
    if (alternates && s->role == s->before && !s->calling) return false;
    if (s->role <= DEVELOPER && s->begun) return false;
    s->begun |= s->role > DEVELOPER;
    s->before = s->role;
    s->calling = facts & CALLED;
    switch (s->role) {
    case ASSISTANT:
        s->greeted |= !s->asked;
        s->taught = true;
        s->weighted |= s->weight;
        return facts & (SAID | THOUGHT | CALLED);
    case USER:
        if (s->greeted && !s->asked) return false;
        s->asked = true;
        return !s->calling && facts & SAID;
    case TOOL:
    case FUNCTION:
        return !s->calling && answer(s);
    default:
        return !s->calling && facts & SAID;
    }
}

static bool message(Scan *s, unsigned *facts)
{
    unsigned inside = 0;
    (void)facts;
    s->role = NOBODY;
    s->answers = (Text){0};
    s->weight = true;
    if (*s->at != '{' || !object(s, message_member, &inside) || s->role == NOBODY) return false;
    s->row |= inside & REASONING;
    return turn(s, inside);
}

static bool row_member(Scan *s, Text key, unsigned *facts)
{
    unsigned inside = 0;
    if (is(key, "messages")) {
        *facts |= MESSAGES;
        return *s->at == '[' && array(s, message, &inside) && inside & FILLED;
    }
    if (is(key, "tools")) {
        if (!list_or_null(s, tool, &inside)) return false;
        if (inside & FILLED) s->row |= HAS_TOOLS;
        return true;
    }
    if (is(key, "metadata")) return object_or_null(s);
    return anything(s, facts);
}

static bool row(Scan *s)
{
    unsigned facts = 0;
    s->depth = s->held = 0;
    s->row = 0;
    s->before = NOBODY;
    s->calling = s->begun = s->greeted = s->asked = s->taught = s->weighted = s->garbled = false;
    s->called = s->waiting = s->tool_count = s->meant_count = 0;
    return *s->at == '{' && object(s, row_member, &facts) && facts & MESSAGES && s->weighted
           && s->before == ASSISTANT && !s->waiting && !s->garbled && calls_tools(s);
}

/* ---- XXH64, as https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md has it ------ */

static const uint64_t P1 = UINT64_C(0x9E3779B185EBCA87), P2 = UINT64_C(0xC2B2AE3D27D4EB4F),
                      P3 = UINT64_C(0x165667B19E3779F9), P4 = UINT64_C(0x85EBCA77C2B2AE63),
                      P5 = UINT64_C(0x27D4EB2F165667C5);

static uint64_t read32(Place p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

static uint64_t read64(Place p)
{
    return read32(p) | read32(p + 4) << 32;
}

static uint64_t rotated(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static uint64_t mixed(uint64_t lane, uint64_t input)
{
    return rotated(lane + input * P2, 31) * P1;
}

static uint64_t hashed(Place p, size_t size)
{
    uint64_t hash = P5;
    Place end = p + size;
    if (size >= 32) {
        uint64_t lanes[4] = {P1 + P2, P2, 0, 0 - P1};
        for (; end - p >= 32; p += 32) {
            for (int i = 0; i < 4; i++) lanes[i] = mixed(lanes[i], read64(p + 8 * i));
        }
        hash = rotated(lanes[0], 1) + rotated(lanes[1], 7) + rotated(lanes[2], 12)
               + rotated(lanes[3], 18);
        for (int i = 0; i < 4; i++) hash = (hash ^ mixed(0, lanes[i])) * P1 + P4;
    }
    hash += size;
    for (; end - p >= 8; p += 8) hash = rotated(hash ^ mixed(0, read64(p)), 27) * P1 + P4;
    for (; end - p >= 4; p += 4) hash = rotated(hash ^ read32(p) * P1, 23) * P2 + P3;
    for (; p < end; p++) hash = rotated(hash ^ *p * P5, 11) * P1;
    hash = (hash ^ hash >> 33) * P2;
    hash = (hash ^ hash >> 29) * P3;
    return hash ^ hash >> 32;
}

/* ---- Signatures: all that a verdict on a row depends on ----------------------------------- */

static void sign(Scan *s, uint64_t fact)
{
    s->signature = rotated(s->signature ^ mixed(0, fact), 27) * P1 + P4;
}

static void sign_text(Scan *s, Text text)
{
    sign(s, hashed(text.start, (size_t)(text.end - text.start)));
}

/* Sign which of the texts of the row that are only compared a text is. */
static bool sign_which(Scan *s, Text read, Text *texts, int most, int *count)
{
    int i = 0;
    if (read.escaped) return false;
    while (i < *count && !same(texts[i], read)) i++;
    if (i == most) return false;
    if (i == *count) texts[(*count)++] = read;
    sign(s, (uint64_t)i);
    return true;
}

/* Sign a string: what counts of it depends on its key. */
static bool sign_string(Scan *s, Text key)
{
    Text read;
    Answer answer;
    if (!text(s, &read)) return false;
    sign(s, blank(read) ? ' ' : read.garbled ? '?' : '"');
    if (read.half) sign(s, 'h');
    if (!key.start) return true;
    if (is(key, "role") || is(key, "type")) {
        if (!read.escaped) sign_text(s, read);
        return !read.escaped;
    }
    if (is(key, "id") || is(key, "tool_call_id"))
        return sign_which(s, read, s->ids, IDS, &s->identified);
    if (s->naming && is(key, "name"))
        return read.end - read.start <= NAME && sign_which(s, read, s->names, TOOLS, &s->named);
    if (is(key, "arguments")) {
        if (read.half) return false;
        answer = is_json(s, read);
        sign(s, answer);
        return answer != UNSURE;
    }
    return true;
}

/* Whether a number is surely neither 0 nor 1: a short one without exponent. */
static bool neither_0_nor_1(Text number)
{
    uint64_t value = 0, one = 1;
    bool fraction = false;
    if (number.end - number.start > 16) return false;
    for (Place p = number.start + (*number.start == '-'); p < number.end; p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        if (*p < '0' || *p > '9') return false;
        value = value * 10 + (uint64_t)(*p - '0');
        if (fraction) one *= 10;
    }
    return value != 0 && value != one;
}

static bool sign_number(Scan *s, Text key)
{
    Text read = {.start = s->at};
    Number found = any_number(s);
    read.end = s->at;
    sign(s, '0' + (uint64_t)found);
    if (key.start && is(key, "weight") && !neither_0_nor_1(read)) sign_text(s, read);
    return found != NO_NUMBER;
}

/* Whether no rule looks into an object with this key, wherever in a row it stands. */
static bool is_opaque(Text key)
{
    return key.start && (is(key, "metadata") || is(key, "parameters") || is(key, "arguments"));
}

/* Go past an object in which there is nothing to find, or stay where it begins. */
static bool sign_opaque(Scan *s)
{
    Place start = s->at;
    int depth = s->depth;
    unsigned ignored = 0;
    s->held = 0;
    s->halves = false; /* they are something to find */
    bool clean = object(s, any_member, &ignored);
    s->halves = true;
    if (clean) return true;
    s->at = start;
    s->depth = depth;
    return false;
}

/* Whether names in a value with this key are those of tools. */
static bool names_tools(Text key)
{
    return key.start && (is(key, "tools") || is(key, "tool_calls") || is(key, "function_call"));
}

static bool sign_value(Scan *s, Text key);

static bool sign_array(Scan *s)
{
    const Text no_key = {0};
    if (!deeper(s)) return false;
    s->at++;
    if (next(s) != ']') {
        for (;;) {
            next(s);
            if (!sign_value(s, no_key)) return false;
            if (next(s) != ',') break;
            s->at++;
        }
        if (*s->at != ']') return false;
    }
    s->at++;
    s->depth--;
    return true;
}

/* Whether a key with escapes is surely none that a rule knows: those are short, and ASCII. */
static bool foreign(Text key)
{
    for (Place p = key.start; p < key.end; p++) {
        if (*p >= 0x80 || (*p == '\\' && p[1] == 'u' && hex(p + 2) >= 0x80)) return true;
        if (*p == '\\') p++;
    }
    return false;
}

static bool sign_object(Scan *s)
{
    if (!deeper(s)) return false;
    s->at++;
    if (next(s) != '}') {
        for (;;) {
            Text key;
            if (next(s) != '"' || !text(s, &key) || (key.escaped && !foreign(key))) return false;
            sign_text(s, key);
            if (next(s) != ':') return false;
            s->at++;
            next(s);
            if (!sign_value(s, key)) return false;
            if (next(s) != ',') break;
            s->at++;
        }
        if (*s->at != '}') return false;
    }
    s->at++;
    s->depth--;
    return true;
}

static bool sign_value(Scan *s, Text key)
{
    unsigned char first = *s->at;
    bool signable, names = names_tools(key);
    if (first == '"') return sign_string(s, key);
    sign(s, first == '-' || (first >= '0' && first <= '9') ? '0' : first);
    switch (first) {
    case '{':
        if (is_opaque(key) && sign_opaque(s)) return true;
        s->naming += names;
        signable = sign_object(s);
        s->naming -= names;
        break;
    case '[':
        s->naming += names;
        signable = sign_array(s);
        s->naming -= names;
        break;
    case 't': return word(s, "true");
    case 'f': return word(s, "false");
    case 'n': return word(s, "null");
    default: return sign_number(s, key);
    }
    sign(s, '}');
    return signable;
}

/* ---- Blocks ------------------------------------------------------------------------------ */

/* Add the row that was read to what is known, or forget what was counted of it. */
static void settle_roles(Scan *s, bool good)
{
    for (int i = 0; i < ROLES; i++) {
        if (good) s->roles[i] += s->roles_here[i];
        s->roles_here[i] = 0;
    }
}

/* Count the characters of a line, if it is UTF-8. */
static bool characters(Place p, Place stop, uint64_t *count)
{
    uint64_t found = 0;
    for (; p < stop; found++) {
        int bytes = *p < 0x80 ? 1 : wide(p);
        if (!bytes) return false;
        p += bytes;
    }
    *count = found;
    return true;
}

/* Leave a row to Python, with its signature if it has one. */
static void leave(Scan *s, Place block, Place start, Place stop, Found *found)
{
    const Text no_key = {0};
    Rest *rest = &found->rest[found->others++];
    *rest = (Rest){.line = found->lines,
                   .start = (uint32_t)(start - block),
                   .stop = (uint32_t)(stop - block)};
    rest->digest = hashed(start, (size_t)(stop - start));
    s->at = start;
    s->depth = s->identified = s->named = s->naming = 0;
    s->signature = 0;
    s->halves = true;
    bool whole = sign_value(s, no_key);
    s->halves = false;
    if (whole && s->at == stop) {
        rest->signature = s->signature ? s->signature : 1;
        rest->length = (uint64_t)(stop - start) - continuing(start, stop);
        return;
    }
    if (!memchr(stop, '\n', (size_t)(s->end - stop))) return; /* it may be cut off */
    /* What is said of a line that goes wrong at once depends on its first bytes. */
    size_t size = (size_t)(stop - start);
    bool at_once = !whole && s->at - start <= 1 && *s->at != '"';
    if (at_once && characters(start, stop, &rest->length)) {
        size_t first = size < FIRST ? size : FIRST;
        rest->signature = hashed(start, first) ^ mixed(0, size > first) ^ P3;
        rest->literal = 1;
    } else if (size <= LITERAL) {
        rest->signature = rest->digest;
        rest->literal = 1;
    }
}

/* Read one line that is not blank, and go to its end. */
static void sift_line(Scan *s, Place block, Found *found)
{
    Place start = s->at;
    bool good = row(s);
    Place stop = s->at;
    good = good && (next(s) == '\n' || s->at == s->end);
    settle_roles(s, good);
    if (!good) {
        Place line_end = memchr(start, '\n', (size_t)(s->end - start));
        if (!line_end) line_end = s->end;
        stop = line_end;
        while (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\r') stop--;
        leave(s, block, start, stop, found);
        s->at = line_end;
        return;
    }
    size_t size = (size_t)(stop - start);
    found->hashes[found->rows] = hashed(start, size);
    found->lengths[found->rows] = size - continuing(start, stop);
    found->places[found->rows++] = found->lines;
    found->tools += (s->row & HAS_TOOLS) != 0;
    found->images += (s->row & IMAGE) != 0;
    found->reasoning += (s->row & REASONING) != 0;
    if (s->row & OBJECTS && found->objects < 0) found->objects = found->lines;
    if (s->row & STRINGS && found->strings < 0) found->strings = found->lines;
}

static void sift_block(Scan *s, Found *found)
{
    Place block = s->at;
    s->utf8 = surely_utf8(s->at, s->end);
    while (s->at < s->end) {
        if (next(s) != '\n' && s->at < s->end) sift_line(s, block, found);
        found->lines++;
        s->at++; /* past the line end; behind a last line without one, the loop ends as well */
    }
}

static uint32_t count_lines(Place p, Place end)
{
    uint32_t lines = 1; /* the last one may have no line end */
    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        lines++;
        p++;
    }
    return lines;
}

static PyObject *counted_roles(const Scan *s)
{
    PyObject *roles = PyDict_New();
    for (int i = 0; roles && i < ROLES; i++) {
        if (!s->roles[i]) continue;
        PyObject *count = PyLong_FromUnsignedLongLong(s->roles[i]);
        if (!count || PyDict_SetItemString(roles, role_names[i], count) < 0) Py_CLEAR(roles);
        Py_XDECREF(count);
    }
    return roles;
}

static PyObject *results(const Scan *s, const Found *found)
{
    PyObject *roles = counted_roles(s);
    if (!roles) return NULL;
    return Py_BuildValue(
        "KNKKKLLy#y#y#y#", (unsigned long long)found->lines, roles,
        (unsigned long long)found->tools, (unsigned long long)found->images,
        (unsigned long long)found->reasoning, (long long)found->objects,
        (long long)found->strings, (const char *)found->hashes,
        (Py_ssize_t)(found->rows * sizeof *found->hashes), (const char *)found->lengths,
        (Py_ssize_t)(found->rows * sizeof *found->lengths), (const char *)found->places,
        (Py_ssize_t)(found->rows * sizeof *found->places), (const char *)found->rest,
        (Py_ssize_t)(found->others * sizeof *found->rest));
}

static PyObject *sift(PyObject *module, PyObject *block)
{
    char *start;
    Py_ssize_t size;
    (void)module;
    if (PyBytes_AsStringAndSize(block, &start, &size) < 0) return NULL;
    if ((uint64_t)size >= UINT32_MAX) return PyErr_NoMemory(); /* no block is a fraction of it */
    Scan *s = PyMem_Calloc(1, sizeof *s);
    if (!s) return PyErr_NoMemory();
    s->at = (Place)start;
    s->end = s->at + size;
    size_t most = count_lines(s->at, s->end);
    Found found = {
        .hashes = PyMem_Calloc(most, sizeof *found.hashes),
        .lengths = PyMem_Calloc(most, sizeof *found.lengths),
        .places = PyMem_Calloc(most, sizeof *found.places),
        .rest = PyMem_Calloc(most, sizeof *found.rest),
        .objects = -1,
        .strings = -1,
    };
    PyObject *result = NULL;
    if (found.hashes && found.lengths && found.places && found.rest) {
        Py_BEGIN_ALLOW_THREADS;
        sift_block(s, &found);
        Py_END_ALLOW_THREADS;
        result = results(s, &found);
    } else {
        PyErr_NoMemory();
    }
    PyMem_Free(found.hashes);
    PyMem_Free(found.lengths);
    PyMem_Free(found.places);
    PyMem_Free(found.rest);
    free(s->scratch);
    PyMem_Free(s);
    return result;
}

static PyMethodDef methods[] = {
    {"sift", sift, METH_O, PyDoc_STR("Tell the good rows of a block from the other lines.")},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT, .m_name = "_accelerator", .m_size = 0, .m_methods = methods,
};

PyMODINIT_FUNC PyInit__accelerator(void)
{
    return PyModuleDef_Init(&module);
}
