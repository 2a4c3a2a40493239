/* Strikes a process at a chosen moment of its bookkeeping: tests load it before the C library.
 *
 * STRIKE_AT is "EVENT NUMBER MOMENT". Events are counted from 1:
 *   write  bytes appended to a file whose name ends in ".journal"
 *   sync   fdatasync of such a file
 *   flush  fsync of anything below ".triform"
 *   unlink the removal of a file whose name ends in ".journal"
 *   move   the renaming of a file into place, and the removal of any other file
 * Moments: "before" and "after" kill the process there; "torn" kills it with half of the bytes written; "full"
 * writes half of the bytes and says that the disk is full, this once; "filled" does so from then on.
 * STRIKE_LOG names a file that gets one line for every event.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WRITE, SYNC, FLUSH, UNLINK, MOVE, EVENTS };
static const char *const names[EVENTS] = {"write", "sync", "flush", "unlink", "move"};
static long seen[EVENTS];
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;

static int is_journal(const char *path) {
    const char *end = strrchr(path, '.');
    return end != NULL && strcmp(end, ".journal") == 0;
}

static int path_of(int fd, char *path, size_t room) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, room - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

/* Counts an event, and returns whether it was chosen; `filled` chooses all later ones too. */
static int chosen(int event, char *moment) {
    char name[16];
    long number = 0;
    const char *at = getenv("STRIKE_AT"), *log = getenv("STRIKE_LOG");
    pthread_mutex_lock(&counting);
    long now = ++seen[event];
    pthread_mutex_unlock(&counting);
    if (log != NULL) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (fd >= 0) {
            syscall(SYS_write, fd, names[event], strlen(names[event]));
            syscall(SYS_write, fd, "\n", (size_t)1);
            close(fd);
        }
    }
    if (at == NULL || sscanf(at, "%15s %ld %15s", name, &number, moment) != 3) return 0;
    if (strcmp(name, names[event]) != 0) return 0;
    return now == number || (now > number && strcmp(moment, "filled") == 0);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

ssize_t write(int fd, const void *bytes, size_t count) {
    char path[4096], moment[16];
    int strike = path_of(fd, path, sizeof path) && is_journal(path) && chosen(WRITE, moment);
    if (strike && strcmp(moment, "before") == 0) die();
    if (strike && strcmp(moment, "after") != 0) {
        if (count > 1) syscall(SYS_write, fd, bytes, count / 2);
        if (strcmp(moment, "torn") == 0) die();
        errno = ENOSPC;
        return -1;
    }
    ssize_t written = syscall(SYS_write, fd, bytes, count);
    if (strike) die();
    return written;
}

static int around(int strike, const char *moment, long (*call)(long), long argument) {
    if (strike && strcmp(moment, "before") == 0) die();
    long result = call(argument);
    if (strike) die();
    return (int)result;
}

static long call_fdatasync(long fd) { return syscall(SYS_fdatasync, fd); }
static long call_fsync(long fd) { return syscall(SYS_fsync, fd); }
static long call_unlink(long path) { return syscall(SYS_unlinkat, AT_FDCWD, path, 0); }

int fdatasync(int fd) {
    char path[4096], moment[16] = "";
    int strike = path_of(fd, path, sizeof path) && is_journal(path) && chosen(SYNC, moment);
    return around(strike, moment, call_fdatasync, fd);
}

int fsync(int fd) {
    char path[4096], moment[16] = "";
    int strike = path_of(fd, path, sizeof path) && strstr(path, "/.triform") != NULL && chosen(FLUSH, moment);
    return around(strike, moment, call_fsync, fd);
}

int unlink(const char *path) {
    char moment[16] = "";
    int strike = chosen(is_journal(path) ? UNLINK : MOVE, moment);
    return around(strike, moment, call_unlink, (long)path);
}

int rename(const char *from, const char *to) {
    char moment[16] = "";
    int strike = chosen(MOVE, moment);
    if (strike && strcmp(moment, "before") == 0) die();
    int result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    if (strike) die();
    return result;
}
