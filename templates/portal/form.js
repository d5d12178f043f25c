((f,s,b,t)=>{s.parentNode.hidden=!1;
s.onchange=()=>f.passphrase.type=s.checked?"text":"password";
f.onsubmit=()=>{b.disabled=!0;b.textContent={{ (_("Connecting…") if services.joins else _("Saving…"))|tojson }}};
onpageshow=()=>{b.disabled=!1;b.textContent=t}
})(document.forms.setup,...document.querySelectorAll("#show,.go"),{{ (_("Connect") if services.joins else _("Save"))|tojson }})
