// Shows what the server knows of the session.
const answer = await fetch("api/session");
document.getElementById("session").textContent = JSON.stringify(await answer.json(), null, 2);
