// Tells whether what is typed now goes into a field that hides it, as the value of this script.
(() => {
    let field = document.activeElement;
    while (field?.shadowRoot?.activeElement) field = field.shadowRoot.activeElement;
    if (!field || field === document.body) return false;
    // What is focused in a closed shadow root can't be seen from outside.
    if (field.localName.includes('-') && !field.shadowRoot) return true;
    if (field.type === 'password') return true;
    if (getComputedStyle(field).webkitTextSecurity !== 'none') return true;
    // A field that shows its password for the moment keeps what it is for.
    return /(^|\s)(current-password|new-password|one-time-code|cc-csc)$/i.test(field.autocomplete?.trim?.() ?? '');
})()
