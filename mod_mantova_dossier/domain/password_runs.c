#include "domain/password_runs.h"

#include <string.h>

enum { BLOCK_MAX = 4, STRETCH_MIN = 3, STRETCHES_MAX = 4 };

/* Each is a ring: behind the last character comes the first again. */
static const char *const RINGS[] = {
    "abcdefghijklmnopqrstuvwxyz",           "0123456789",
    "1234567890qwertyuiopasdfghjklzxcvbnm", "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",           "azertyuiopqsdfghjklmwxcvbn",
    "qazwsxedcrfvtgbyhnujmikolp",           "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
};

int dossier_password_is_repetition(const char *folded)
{
    size_t length = strlen(folded);

    for (size_t block = 1; block <= BLOCK_MAX && block * 2 <= length; block++) {
        /* Equal to itself moved by one block. */
        if (!memcmp(folded, folded + block, length - block)) {
            return 1;
        }
    }
    return 0;
}

/* How many characters from the start follow the ring by `step`. */
static size_t along(const char *text, const char *ring, int step)
{
    int size = (int)strlen(ring);
    const char *found = *text ? strchr(ring, *text) : NULL;
    int at;
    size_t count = 0;

    if (!found) {
        return 0;
    }
    at = (int)(found - ring);
    while (text[count] == ring[at]) {
        count++;
        at = (at + step + size) % size;
    }
    return count;
}

static size_t longest_stretch(const char *text)
{
    size_t longest = strspn(text, (const char[]){*text, '\0'});

    for (size_t i = 0; i < sizeof(RINGS) / sizeof(RINGS[0]); i++) {
        size_t forth = along(text, RINGS[i], 1);
        size_t back = along(text, RINGS[i], -1);

        longest = forth > longest ? forth : longest;
        longest = back > longest ? back : longest;
    }
    return longest;
}

int dossier_password_is_runs(const char *folded)
{
    for (int stretches = 0; stretches < STRETCHES_MAX; stretches++) {
        size_t stretch = longest_stretch(folded);

        if (stretch < STRETCH_MIN) {
            return 0;
        }
        folded += stretch;
        if (!*folded) {
            return 1;
        }
    }
    return 0;
}
