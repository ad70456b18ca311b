/* Lets writes or syncs of the process that it is preloaded into fail, as a dying disk would.
 *
 * SLUSS_SWITCH names a file. While its first byte is 's', every fsync and fdatasync is EIO; while it is 'w', every write
 * to a file at an offset is EIO; while it is 'f', it is ENOSPC. Without the file, nothing happens.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static char mode(void) {
    const char *name = getenv("SLUSS_SWITCH");
    char found = 0;
    int saved = errno, file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        if (read(file, &found, 1) != 1) found = 0;
        close(file);
    }
    errno = saved;
    return found;
}

static int fails(int is_sync) {
    char found = mode();
    if (is_sync ? found == 's' : (found == 'w' || found == 'f')) {
        errno = found == 'f' ? ENOSPC : EIO;
        return 1;
    }
    return 0;
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return fails(1) ? -1 : real(file);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return fails(1) ? -1 : real(file);
}

ssize_t pwrite(int file, const void *data, size_t count, off_t at) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    return fails(0) ? -1 : real(file, data, count, at);
}

ssize_t pwrite64(int file, const void *data, size_t count, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    return fails(0) ? -1 : real(file, data, count, at);
}
