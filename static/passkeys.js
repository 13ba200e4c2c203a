"use strict";
// Says what allauth's script only logs, and hides what this browser cannot do.
(() => {
  const trouble = document.getElementById("passkey-trouble");
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    if (trouble) trouble.hidden = false;
  });
  if (!window.PublicKeyCredential) {
    for (const id of ["passkey_login", "mfa_webauthn_authenticate"]) {
      const button = document.getElementById(id);
      if (button) button.hidden = true;
    }
  }
})();
