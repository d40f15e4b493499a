/* Lets SoapySDRServer run without an avahi daemon, which it otherwise ends for: preload it. The server then
 * believes that it is announced on the network; nothing is. */

#include <stddef.h>
#include <unistd.h>

static int nothing;
static volatile int quitting;

void *avahi_client_new(const void *poll, int flags, void *callback, void *data, int *error) {
    (void)poll, (void)flags, (void)callback, (void)data;
    if (error) *error = 0;
    return &nothing;
}
void avahi_client_free(void *client) { (void)client; }
int avahi_client_get_state(void *client) { return (void)client, 2; /* AVAHI_CLIENT_S_RUNNING */ }
int avahi_client_errno(void *client) { return (void)client, 0; }
const char *avahi_client_get_version_string(void *client) { return (void)client, "none"; }
const char *avahi_client_get_host_name(void *client) { return (void)client, "none"; }
const char *avahi_client_get_host_name_fqdn(void *client) { return (void)client, "none"; }
const char *avahi_client_get_domain_name(void *client) { return (void)client, "none"; }
void *avahi_entry_group_new(void *client, void *callback, void *data) {
    return (void)client, (void)callback, (void)data, &nothing;
}
int avahi_entry_group_add_service_strlst() { return 0; }
int avahi_entry_group_commit(void *group) { return (void)group, 0; }
int avahi_entry_group_free(void *group) { return (void)group, 0; }
void *avahi_service_browser_new() { return NULL; }
int avahi_simple_poll_loop(void *poll) {
    (void)poll;
    while (!quitting) usleep(50000);
    return 0;
}
void avahi_simple_poll_quit(void *poll) { (void)poll, quitting = 1; }
